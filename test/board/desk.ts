import { TableProvisionRuns } from '../../lambdas/adapters/table-provision-runs.ts';
import { apiApp } from '../../lambdas/board/api-app.ts';
import type { ApiError, StatusReply } from '../../lambdas/board/contract.ts';
import { NotAllowed } from '../../lambdas/domain/errors.ts';
import type { Promotion, Refusal } from '../../lambdas/domain/promotion.ts';
import type { ProvisionRun } from '../../lambdas/domain/provision-run.ts';
import type { ProvisionRuns, ProvisionStarter } from '../../lambdas/ports/provision-runs.ts';
import { principalOf } from '../promote/shop.ts';
import { World, type WorldOptions } from '../promote/world.ts';

/** The API over a world; who calls is who the header says, as if STS had. */
export interface ApiDesk {
  readonly world: World;
  readonly runs: ProvisionRuns;
  /** Runs of provisioning that were started. */
  readonly started: readonly ProvisionStart[];
  /** What the API reported as going wrong. */
  readonly reported: unknown[];
  get(path: string, as?: string): Promise<Answer>;
  /** Posts, and lets everything that follows happen. */
  post(path: string, body: unknown, as?: string): Promise<Answer>;
}

type ProvisionStart = Parameters<ProvisionStarter['start']>[0];

export interface Answer {
  readonly status: number;
  /** Whichever of these it is: a test says what it expects, and finds nothing where it is another. */
  readonly body: {
    readonly error: ApiError;
    readonly promotion: Promotion;
    readonly refusals: readonly Refusal[];
    readonly run: ProvisionRun;
  } & StatusReply;
}

export function openApi(options: WorldOptions = {}): ApiDesk {
  const world = new World(options);
  const reported: unknown[] = [];
  const runs = new TableProvisionRuns(world.table);
  const started: ProvisionStart[] = [];
  const app = apiApp({
    ...world.ports,
    provisionRuns: runs,
    provisioner: { start: async (asked) => void started.push(asked) },
    config: async () => world.config,
    deployments: async () => world.ports.deployments,
    identify: async ({ header }) => {
      if (header === undefined) throw new NotAllowed('no proof of identity', { fix: 'Sign it.' });
      return { principal: header, account: '111111111111' };
    },
    report: (error) => reported.push(error),
  });
  const send = async (path: string, as: string, init: RequestInit): Promise<Answer> => {
    const headers = as === 'nobody' ? {} : { 'x-conveyor-identity': principal(as) };
    const response = await app.request(`https://api.example${path}`, { ...init, headers });
    await world.settle();
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  };
  return {
    world,
    runs,
    started,
    reported,
    get: (path, as = 'raj') => send(path, as, {}),
    post: (path, body, as = 'raj') =>
      send(path, as, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
}

/** A person of the shop by name, anybody else in full. */
function principal(as: string): string {
  return as.startsWith('arn:') ? as : principalOf(as);
}
