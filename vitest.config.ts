import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Vitest leaves one processor to the machine; where there are two that doubles the time.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{ci,hosts,registry,store,twin}/**'],
          // Files of one worker share the modules that they load: half of the time went into loading them anew.
          isolate: false,
          // No test is about time: a slow machine, or a busy one, is no failure.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'twin',
          include: ['test/twin/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'registry',
          include: ['test/registry/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'ci',
          include: ['test/ci/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        // In containers with a systemd of their own: wants a docker daemon and bin/twin/hosts/build-image.sh.
        test: {
          name: 'hosts',
          include: ['test/hosts/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'store',
          include: ['test/store/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
