/*
 * Loaded into Node before a command (LD_PRELOAD, by the script rt): lets V8's heap and malloc's come from huge pages where page faults are dear.
 *
 * A start of Node touches some 1700 pages of memory for the first time, one page fault each; where the machine is a virtual one
 * without hardware page tables of its own, that is 5-15 us a fault and a third of the start. In huge pages it is a dozen faults.
 * Where a fault costs less than a microsecond there is little to gain and much to lose: 26 MB are zeroed instead of 17, and huge pages
 * are what a hypervisor takes back as soon as they are free, which costs milliseconds each when many starts at once need new ones.
 * The program's own pages are everybody's, and there already: they may be huge in any case.
 * V8 maps its heap in chunks of 256 KiB at random addresses and marks each with MADV_DONTFORK, which no huge page can span, so
 * the chunks are cut from one arena here that has been marked as a whole. What does not fit goes to the kernel as before, and
 * where the kernel has no huge page to give, the arena is memory like any other.
 *
 * Needs nothing of a particular libc. Children do not get it: it takes itself out of the environment.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096ul
#define HUGE_PAGE (2ul << 20)
/* V8's unit, to which it wants its chunks aligned. */
#define CHUNK (256ul << 10)
/* All that a short command needs; address space alone until it is touched. */
#define ARENA (32ul << 20)
#define HEAP (8ul << 20)
/* More than is left of what the constructors of libraries have made malloc take, and a little more than that. */
#define MORE (160ul << 10)
#define FIRST (192ul << 10)
/* A fault costs 0.7 us on a machine with page tables in hardware, and 7 or more without. */
#define PROBES 8
#define DEAR_NS 3000

/* glibc's; musl's malloc is left alone. */
extern int mallopt(int, int) __attribute__((weak));
enum { TOP_PAD = -2, MMAP_THRESHOLD = -3, ARENA_MAX = -8 };

static char *arena;
static _Atomic size_t used;

static size_t up(size_t n, size_t unit)
{
	return (n + unit - 1) & ~(unit - 1);
}

/* A list of libraries, the first of which is this one. */
static void forget_preload(void)
{
	const char *list = getenv("LD_PRELOAD");
	const char *rest = list ? strpbrk(list, ": ") : NULL;
	if (!list)
		return;
	if (rest && rest[1])
		setenv("LD_PRELOAD", rest + 1, 1);
	else
		unsetenv("LD_PRELOAD");
}

/*
 * Node's own 100 MB: where the file system can keep them so, what is read of them from now on gets into the kernel's cache in huge pages, and every
 * later start maps those instead of faulting its way through. What is in the cache already stays as it is.
 */
static int mark_program(struct dl_phdr_info *program, size_t size, void *nothing)
{
	(void)size, (void)nothing;
	for (size_t n = 0; n < program->dlpi_phnum; n++) {
		const ElfW(Phdr) *part = &program->dlpi_phdr[n];
		if (part->p_type != PT_LOAD || (part->p_flags & PF_W) || part->p_filesz < HUGE_PAGE)
			continue;
		size_t start = (program->dlpi_addr + part->p_vaddr) & ~(PAGE - 1);
		syscall(SYS_madvise, start, up(program->dlpi_addr + part->p_vaddr + part->p_filesz, PAGE) - start, MADV_HUGEPAGE);
	}
	/* The program is the first of all that is loaded, and the only one to look at. */
	return 1;
}

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* The quickest of a few counts: the others may have been interrupted. RT_HUGE_PAGES says it without asking. */
static int faults_are_dear(void)
{
	const char *said = getenv("RT_HUGE_PAGES");
	if (said)
		return *said == '1';
	long start = syscall(SYS_mmap, NULL, PROBES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (start == -1)
		return 0;
	uint64_t least = UINT64_MAX;
	for (size_t n = 0; n < PROBES; n++) {
		uint64_t before = now();
		((volatile char *)start)[n * PAGE] = 1;
		uint64_t taken = now() - before;
		least = taken < least ? taken : least;
	}
	syscall(SYS_munmap, start, PROBES * PAGE);
	return least > DEAR_NS;
}

static void make_arena(void)
{
	long start = syscall(SYS_mmap, NULL, ARENA + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (start == -1)
		return;
	char *aligned = (char *)up((size_t)start, HUGE_PAGE);
	/* Without huge pages there is nothing to gain by an arena; without MADV_DONTFORK a child would get what V8 wants to keep. */
	if (syscall(SYS_madvise, aligned, ARENA, MADV_HUGEPAGE) == 0 && syscall(SYS_madvise, aligned, ARENA, MADV_DONTFORK) == 0)
		arena = aligned;
	else
		syscall(SYS_munmap, start, ARENA + HUGE_PAGE);
}

/*
 * Room for several huge pages at once, because only what is mapped as a whole can be one, and only where nothing has been touched yet:
 * what malloc writes when it makes room comes to lie before the first.
 */
static void prepare_malloc(void)
{
	if (!mallopt)
		return;
	size_t end = (size_t)sbrk(0);
	if (sbrk((intptr_t)(up(end + FIRST, HUGE_PAGE) - FIRST - end)) == (void *)-1)
		return;
	mallopt(TOP_PAD, HEAP);
	mallopt(MMAP_THRESHOLD, HUGE_PAGE);
	mallopt(ARENA_MAX, 1);
	char *start = (char *)sbrk(0) + FIRST;
	free(malloc(MORE));
	char *border = sbrk(0);
	if (border > start)
		syscall(SYS_madvise, start, (size_t)(border - start), MADV_HUGEPAGE);
}

__attribute__((constructor)) static void prepare(void)
{
	forget_preload();
	dl_iterate_phdr(mark_program, NULL);
	if (faults_are_dear())
		make_arena();
	if (arena)
		prepare_malloc();
}

static int is_ours(const void *address)
{
	return arena && (const char *)address >= arena && (const char *)address < arena + ARENA;
}

/* NULL: there is no room left. */
static void *take(size_t length)
{
	size_t before = atomic_load(&used), at, after;
	do {
		at = up(before, CHUNK);
		after = at + up(length, PAGE);
		if (after > ARENA)
			return NULL;
	} while (!atomic_compare_exchange_weak(&used, &before, after));
	return arena + at;
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	int chunk = (flags & ~MAP_NORESERVE) == (MAP_PRIVATE | MAP_ANONYMOUS) && !(protection & PROT_EXEC) && length >= CHUNK && length <= HUGE_PAGE;
	void *ours = arena && chunk ? take(length) : NULL;
	return ours ? ours : (void *)syscall(SYS_mmap, address, length, protection, flags, fd, offset);
}

/* musl's headers have it as another word for mmap. */
#undef mmap64
void *mmap64(void *address, size_t length, int protection, int flags, int fd, off_t offset) __attribute__((alias("mmap")));

/* V8 asks for more than it needs, to have it aligned, and gives back the rest at once: that is what comes last. Anything else stays. */
int munmap(void *address, size_t length)
{
	if (!is_ours(address))
		return (int)syscall(SYS_munmap, address, length);
	size_t at = (size_t)((char *)address - arena), end = at + up(length, PAGE);
	atomic_compare_exchange_strong(&used, &end, at);
	return 0;
}

/* A part with other rights, or another mark, would end the huge page. Nothing of the arena is ever executed. */
int mprotect(void *address, size_t length, int protection)
{
	if (is_ours(address) && !(protection & PROT_EXEC))
		return 0;
	return (int)syscall(SYS_mprotect, address, length, protection);
}

int madvise(void *address, size_t length, int advice)
{
	if (is_ours(address) && advice == MADV_DONTFORK)
		return 0;
	return (int)syscall(SYS_madvise, address, length, advice);
}
