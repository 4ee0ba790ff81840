import { defineConfig } from 'vitest/config';

/**
 * What `npm run mutate` holds against the rules. A list of its own, not Stryker's `testFiles`: with that, what a module
 * does while it loads (patterns, schemas) is mutated too late to be noticed.
 */
export default defineConfig({
  test: {
    include: [
      'test/domain/**/*.test.ts',
      'test/copy/retry.test.ts',
      'test/ledger/commit-message.test.ts',
    ],
    // Thousands of runs a mutant, and none that the examples do not find.
    exclude: ['test/domain/decide-always.test.ts', 'test/domain/decide-two-approvers.test.ts'],
  },
});
