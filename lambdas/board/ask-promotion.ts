import type { ConveyorConfig } from '../domain/config.ts';
import { digestOf } from '../domain/digest.ts';
import { NotAllowed, NotFound } from '../domain/errors.ts';
import type { Promotion, Release } from '../domain/promotion.ts';
import type { Releases } from '../ports/releases.ts';
import { environmentConfig, newPromotion, stageOf } from '../promote/new-promotion.ts';
import { type StartPorts, startPromotion } from '../promote/start-promotion.ts';
import type { Caller } from './caller.ts';
import type { PromoteRequest } from './contract.ts';

export interface AskPorts extends StartPorts {
  readonly releases: Releases;
}

/**
 * Opens the promotion somebody asks for and starts it; once per `requestId`.
 * @throws NotFound, NotAllowed
 */
export async function askPromotion(
  ports: AskPorts,
  config: ConveyorConfig,
  caller: Caller,
  request: PromoteRequest,
): Promise<Promotion> {
  const { service, environment, kind } = request;
  stageOf(config, service, environment);
  requireKnownRequester(config, caller, request);
  const release = await chooseRelease(ports, config, request);
  const promotion = newPromotion(config, ports.clock, {
    release,
    environment,
    kind,
    requestedBy: { principal: caller.principal, ...(caller.person && { person: caller.person }) },
    ...(request.reason !== undefined && { reason: request.reason }),
    approvalWanted: request.approval,
  });
  // One client's id for its intention: two callers who made up the same one mean two things.
  const intention = digestOf(JSON.stringify([caller.principal, request.requestId]));
  const opened = await ports.promotions.open(promotion, intention);
  if (opened.endedAt === undefined) await startPromotion(ports, config, opened);
  return opened;
}

/** Where somebody else must approve, a requester who is nobody could be anybody: said at once, not after the wait. */
function requireKnownRequester(
  config: ConveyorConfig,
  caller: Caller,
  { environment, approval: wanted }: PromoteRequest,
): void {
  const { approval } = environmentConfig(config, environment);
  const asks = approval !== undefined && (approval.required || wanted) && !approval.selfApproval;
  if (!asks || caller.person !== undefined) return;
  throw new NotAllowed(
    `${caller.principal} is nobody under people:, and ${environment} needs somebody else's approval`,
    {
      data: { principal: caller.principal },
      fix: 'Add this principal to a person under people: in conveyor.yaml and deploy.',
    },
  );
}

async function chooseRelease(
  ports: AskPorts,
  config: ConveyorConfig,
  request: PromoteRequest,
): Promise<Release> {
  const { service, environment, kind } = request;
  const version =
    request.version ??
    (kind === 'rollback'
      ? await versionBefore(ports, request)
      : await versionUpstream(ports, config, request));
  const release = await ports.releases.find(service, version);
  if (release !== undefined) return release;
  throw new NotFound(`There is no release ${version} of ${service}`, {
    data: { service, version, environment },
    fix: `See: conveyor releases ${service}`,
  });
}

async function versionUpstream(
  { lines }: AskPorts,
  config: ConveyorConfig,
  { service, environment }: PromoteRequest,
) {
  const stage = stageOf(config, service, environment).before ?? environment;
  const { landed } = await lines.read(service, stage);
  if (landed !== undefined) return landed.version;
  throw new NotFound(`${stage} holds no release of ${service} yet`, {
    data: { service, stage },
    fix: `Say which: --version`,
  });
}

/**
 * What this environment held before what it holds now, by the promotion that brought that. So a second rollback goes
 * further back, and not to what the first one fled from.
 */
async function versionBefore(
  { lines, promotions }: AskPorts,
  { service, environment }: PromoteRequest,
) {
  const { landed } = await lines.read(service, environment);
  const history = await promotions.history(service, environment, 200);
  const brought = history.find(
    ({ state, kind, version, previous }) =>
      state === 'promoted' &&
      kind === 'promotion' &&
      version === landed?.version &&
      previous !== undefined &&
      previous.version !== version,
  );
  if (brought?.previous !== undefined) return brought.previous.version;
  throw new NotFound(
    `${service} has run nothing else in ${environment}: there is nothing to go back to`,
    {
      data: { service, environment },
      fix: `See: conveyor history ${service} ${environment}`,
    },
  );
}
