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
      'test/config/{parse-config,deployment-file}.test.ts',
      'test/copy/choose-tarball-way.test.ts',
      'test/deploy-hosts/{published-target,cleanup,plan-waves}.test.ts',
      'test/provision/{descriptor,unit-file,parameters,host-places,provision-run}.test.ts',
      'test/sweep/{retain-releases,sightings}.test.ts',
    ],
    // Thousands of runs a mutant, and none that the examples do not find.
    exclude: ['test/domain/decide-always.test.ts', 'test/domain/decide-two-approvers.test.ts'],
  },
});
