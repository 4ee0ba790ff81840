import * as z from 'zod';
import { credentialPath, desiredPath } from '../domain/desired-state.ts';
import { EnvironmentName, ServiceName } from '../domain/names.ts';
import { RunId, RunMode } from '../domain/provision-run.ts';

/** `/conveyor/provision/prod/relay` → prod. */
const ChangedParameter = z
  .string()
  .refine((name) => environmentOf(name) !== undefined, 'it is no parameter of provisioning')
  .transform((name) => EnvironmentName.parse(environmentOf(name)));

/** What went wrong for good, as Step Functions tells it ("Error names"). */
const Failure = z.object({ error: z.string(), cause: z.string().optional() });

/**
 * What the machine gives its function. It was started by the CLI and the schedule with an environment, by EventBridge with
 * the name of the parameter that has changed. `failure`: the run comes to nothing.
 */
export const ProvisionInput = z
  .union([
    z.object({
      run: RunId,
      environment: EnvironmentName,
      service: ServiceName.optional(),
      mode: RunMode.default('apply'),
      failure: Failure.optional(),
    }),
    z.object({ run: RunId, parameter: ChangedParameter, failure: Failure.optional() }),
  ])
  .transform((input) => {
    if (!('parameter' in input)) return input;
    const { parameter: environment, ...others } = input;
    return { ...others, environment, mode: 'apply' as const };
  });
export type ProvisionInput = z.infer<typeof ProvisionInput>;

function environmentOf(name: string): string | undefined {
  const environment = name.split('/').at(-2) ?? '';
  const known = [desiredPath(environment), credentialPath(environment)];
  const isOurs = known.some((path) => name.startsWith(`${path}/`));
  return isOurs && EnvironmentName.safeParse(environment).success ? environment : undefined;
}
