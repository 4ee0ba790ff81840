import { ProvisionReply, ProvisionRequest } from '../../../lambdas/board/contract.ts';
import { ConveyorError, InvalidInput } from '../../../lambdas/domain/errors.ts';
import { EnvironmentName, ServiceName } from '../../../lambdas/domain/names.ts';
import { isOver, type RunReport } from '../../../lambdas/domain/provision-run.ts';
import { NEXT } from '../../../lambdas/view/next.ts';
import { provisionText } from '../../../lambdas/view/provision-text.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { done, type Outcome } from '../outcome.ts';
import { parseArgument, parseTimeout } from '../parse-argument.ts';
import { pause } from '../pause.ts';
import type { WaitOptions } from '../request-promotion.ts';
import { withSuggestions } from '../suggest.ts';

interface Options extends WaitOptions {
  /** `[service] <environment>`: where there is one word, it is the environment. */
  readonly first: string | undefined;
  readonly second: string | undefined;
  readonly plan?: boolean;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5_000;

/** Looks at an environment's hosts, or brings them to what is declared, and ends as that ends. */
export async function provision(context: Context, options: Options): Promise<Outcome> {
  const { first, second, plan, timeout } = options;
  const [named, where] = second === undefined ? [undefined, first] : [first, second];
  if (where === undefined)
    throw new InvalidInput('an environment is needed', {
      fix: 'Write: conveyor provision [--plan] [<service>] <environment>',
    });
  const environment = parseArgument(EnvironmentName, where, '<environment>');
  const service = named === undefined ? undefined : parseArgument(ServiceName, named, '<service>');
  const end = context.clock.now().getTime() + parseTimeout(timeout) * 1_000;
  const request = ProvisionRequest.parse({
    environment,
    service,
    mode: plan === true ? 'plan' : 'apply',
    requestId: context.clock.ulid(),
  });
  const api = await context.api();
  const asked = { environment, ...(service !== undefined && { service }) };
  const begun = await withSuggestions(context, asked, () =>
    api.post(ProvisionReply, '/provisioning', request, true),
  );
  if (options.wait === false)
    return done(begun, `${begun.run.run} ${environment}: ${begun.run.state}`, [
      NEXT.provision(environment, 'plan'),
    ]);
  return follow(context, begun, end);
}

async function follow(context: Context, begun: RunReport, end: number): Promise<Outcome> {
  const { clock, host, reporter } = context;
  let seen = begun;
  let said = '';
  let wait = FIRST_PAUSE_MS;
  for (;;) {
    const told = progressOf(seen);
    if (told !== said) reporter.line(told);
    if (isOver(seen.run)) return ended(context, seen);
    if (host.interrupted.aborted) return stopped(context, seen, 'Interrupted', EXIT.interrupted);
    if (clock.now().getTime() >= end) return stopped(context, seen, 'StillRunning', EXIT.timeout);
    reporter.waiting(told);
    await pause(context, wait);
    wait = told === said ? Math.min(wait * 1.5, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
    said = told;
    if (!host.interrupted.aborted) seen = await look(context, seen);
  }
}

/** A look that fails for a while is no end of the run, so it is no end of following it. */
async function look({ api, host }: Context, seen: RunReport): Promise<RunReport> {
  const { environment, run } = seen.run;
  try {
    return await (await api()).get(ProvisionReply, `/provisioning/${environment}/${run}`);
  } catch (error) {
    if (host.interrupted.aborted || (error instanceof ConveyorError && error.retryable))
      return seen;
    throw error;
  }
}

function progressOf({ run, services }: RunReport): string {
  const hosts = services.flatMap(({ instances }) => instances);
  const done = hosts.filter(({ state }) => state !== 'waiting').length;
  const what = run.mode === 'plan' ? 'looked at' : 'done';
  return run.state === 'waiting'
    ? `${run.environment}: waits for its turn`
    : `${run.environment}: ${done} of ${hosts.length} hosts ${what}`;
}

function ended({ reporter }: Context, report: RunReport): Outcome {
  reporter.clear();
  const { state, because = state, environment, mode } = report.run;
  const isRight = state === 'planned' || state === 'converged';
  const next = mode === 'plan' ? NEXT.provision(environment) : NEXT.provision(environment, 'plan');
  return {
    exit: isRight ? EXIT.done : EXIT.failed,
    data: report,
    text: provisionText(report),
    ...(isRight
      ? {}
      : {
          error: {
            code: 'HostsNotProvisioned',
            message: `${environment} is not as declared: ${because}`,
            docs: 'docs/runbook.md#provision-failed',
          },
        }),
    next: [next],
  };
}

function stopped({ reporter }: Context, report: RunReport, code: string, exit: number): Outcome {
  reporter.clear();
  const { run, state, environment } = report.run;
  return {
    exit,
    data: report,
    error: { code, message: `${run} goes on: ${state}` },
    next: [NEXT.provision(environment, 'plan')],
  };
}
