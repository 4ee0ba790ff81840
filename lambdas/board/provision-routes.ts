import type { Hono } from 'hono';
import type { ConveyorConfig } from '../domain/config.ts';
import { InvalidInput, NotFound } from '../domain/errors.ts';
import { EnvironmentName } from '../domain/names.ts';
import { type ProvisionRun, RunId, type RunReport } from '../domain/provision-run.ts';
import type { Clock } from '../ports/clock.ts';
import type { ProvisionRuns, ProvisionStarter } from '../ports/provision-runs.ts';
import { openRun } from '../provision/open-run.ts';
import type { Env } from './api-env.ts';
import { ProvisionRequest } from './contract.ts';
import { parse, read, requireKnown } from './read-request.ts';

export interface ProvisionDesk {
  readonly provisionRuns: Pick<ProvisionRuns, 'open' | 'find' | 'parts'>;
  readonly provisioner: ProvisionStarter;
  readonly clock: Clock;
}

/** Provisioning brings hosts to what was deployed as declared, which the schedule does anyway: whoever may call the API may ask. */
export function provisionRoutes(app: Hono<Env>, ports: ProvisionDesk): void {
  app.post('/provisioning', async (c) => {
    const request = await read(c, ProvisionRequest);
    requireDeclared(c.get('config'), request);
    const { environment, service, mode } = request;
    const { person, principal } = c.get('caller');
    // Named by the request: asked again after a lost answer, it is the same run.
    const run = RunId.parse(`r_${request.requestId}`);
    const asked = { run, environment, mode, ...(service !== undefined && { service }) };
    const opened = openRun({ ...asked, askedBy: person ?? principal }, ports.clock.now());
    const { value } = await ports.provisionRuns.open(opened);
    await ports.provisioner.start(asked);
    return c.json(await reportOf(ports, value), 201);
  });
  app.get('/provisioning/:environment/:run', async (c) => {
    const environment = parse(EnvironmentName, c.req.param('environment'));
    const run = parse(RunId, c.req.param('run'));
    const found = await ports.provisionRuns.find(environment, run);
    if (found === undefined) throw new NotFound(`There is no run ${run} in ${environment}`);
    return c.json(await reportOf(ports, found.value));
  });
}

function requireDeclared(config: ConveyorConfig, { environment, service }: ProvisionRequest): void {
  requireKnown('environment', environment, config.environments);
  if (service === undefined) return;
  requireKnown('service', service, config.services);
  const { stages = [], target } = config.services[service] ?? {};
  if (target?.systemd?.provision !== undefined && stages.includes(environment)) return;
  throw new InvalidInput(`${service} declares no provisioning in ${environment}`, {
    data: { service, environment },
    fix: `Write target.systemd.provision for ${service} in conveyor.yaml, and ${environment} among its stages.`,
  });
}

async function reportOf(
  { provisionRuns }: Pick<ProvisionDesk, 'provisionRuns'>,
  run: ProvisionRun,
): Promise<RunReport> {
  const answered = run.answeredBy && (await provisionRuns.find(run.environment, run.answeredBy));
  const { services, batches } = await provisionRuns.parts(answered ? answered.value : run);
  return {
    run,
    services: services.map(({ desired: _, ...service }) => ({
      ...service,
      instances: batches
        .filter(({ value }) => value.service === service.service)
        .flatMap(({ value }) => value.hosts),
    })),
  };
}
