import { afterAll, beforeAll, describe } from 'vitest';
import { bundleCli } from '../../bin/build-cli.ts';
import { ROOT } from '../../bin/twin/layout.ts';
import { startTwin, type Twin } from '../../bin/twin/start-twin.ts';
import { agreement } from './suites/agreement.ts';
import { approvals, leaveUnanswered } from './suites/approvals.ts';
import { conformance } from './suites/conformance.ts';
import { deaths } from './suites/deaths.ts';
import { failures } from './suites/failures.ts';
import { hosts } from './suites/hosts.ts';
import { intake } from './suites/intake.ts';
import { journey } from './suites/journey.ts';
import { many } from './suites/many.ts';
import { objects } from './suites/objects.ts';
import { patches } from './suites/patches.ts';
import { restart } from './suites/restart.ts';
import { rights } from './suites/rights.ts';
import { secrets } from './suites/secrets.ts';
import { onRegistryStored } from './suites/support.ts';
import { table } from './suites/table.ts';
import { tarballs } from './suites/tarballs.ts';
import { wireFaults } from './suites/wire-faults.ts';

/** One twin for all suites: they share its four accounts, each with services and versions of its own. */
describe('in the twin', () => {
  let twin: Twin | undefined;
  const use = (): Twin => {
    if (twin === undefined) throw new Error('the twin did not start');
    return twin;
  };
  const start = (fresh: boolean) =>
    startTwin({
      name: 'test',
      basePort: 14_566,
      fresh,
      step: (_, work) => work(),
      say: () => {},
      onStored: onRegistryStored,
    });

  beforeAll(async () => {
    await bundleCli(`${ROOT}/dist`);
    twin = await start(true);
  });
  afterAll(() => twin?.stop());

  patches(use);
  agreement(use);
  table(use);
  objects(use);
  journey(use);
  intake(use);
  const unanswered = leaveUnanswered(use);
  tarballs(use);
  approvals(use, unanswered);
  deaths(use);
  failures(use);
  many(use);
  hosts(use);
  conformance(use);
  wireFaults(use);
  secrets(use);
  rights(use);
  restart(
    use,
    () => start(false),
    (started) => {
      twin = started;
    },
  );
});
