import { testStorageDriver } from '@rt/driver-testkit'
import Driver from '../src/index.ts'

const module = new URL('../src/index.ts', import.meta.url)

/** The driver's root, with the image that is there already, on a btrfs of its own; the kernel frees the loop device with the mount. */
const host = `
truncate -s 512M /run/btrfs
mkfs.btrfs -q /run/btrfs
mkdir /run/mounted
mount -o loop /run/btrfs /run/mounted
cp -a /run/check/root/. /run/mounted/
mount --bind /run/mounted /run/check/root
umount /run/mounted
rmdir /run/mounted`

testStorageDriver(Driver, { module, host })
