#pragma once

/*
 * A lock of the open file description, made where it is missing, as src/sys/lock.ts takes it: a killed process lets go of it. Answers the
 * descriptor, or -1.
 */
int take_lock(const char *path);
