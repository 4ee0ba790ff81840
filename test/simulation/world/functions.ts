import { z } from 'zod';
import { castVote } from '../../../lambdas/approval/cast-vote.ts';
import { expireApproval } from '../../../lambdas/approval/expire-approval.ts';
import { hashLinkToken } from '../../../lambdas/approval/link-token.ts';
import { requestApproval } from '../../../lambdas/approval/request-approval.ts';
import { askPromotion } from '../../../lambdas/board/ask-promotion.ts';
import { PromoteRequest } from '../../../lambdas/board/contract.ts';
import { copyPromotion } from '../../../lambdas/copy/copy-promotion.ts';
import { copyTarballPromotion } from '../../../lambdas/copy/copy-tarball-promotion.ts';
import { verifyPromotion } from '../../../lambdas/copy/verify-promotion.ts';
import { verifyTarballPromotion } from '../../../lambdas/copy/verify-tarball-promotion.ts';
import { deployHosts } from '../../../lambdas/deploy-hosts/deploy-hosts.ts';
import { requireHosts } from '../../../lambdas/deploy-hosts/require-hosts.ts';
import type { ConveyorConfig } from '../../../lambdas/domain/config.ts';
import {
  EnvironmentName,
  PersonName,
  PromotionId,
  ServiceName,
} from '../../../lambdas/domain/names.ts';
import { FinalState } from '../../../lambdas/domain/promotion.ts';
import type { Push } from '../../../lambdas/intake/read-push.ts';
import { ObjectCreated, readUpload } from '../../../lambdas/intake/read-upload.ts';
import { takeIn } from '../../../lambdas/intake/take-in.ts';
import { takeInUpload } from '../../../lambdas/intake/take-in-upload.ts';
import { landPromotion } from '../../../lambdas/ledger/land-promotion.ts';
import type { Targets } from '../../../lambdas/ports/provisioning.ts';
import { checkGates } from '../../../lambdas/promote/check-gates.ts';
import { finishPromotion } from '../../../lambdas/promote/finish-promotion.ts';
import { observePromotion } from '../../../lambdas/promote/observe-promotion.ts';
import { parkTurn } from '../../../lambdas/promote/park-turn.ts';
import { readFailure } from '../../../lambdas/promote/read-failure.ts';
import { HostsReference, Reference, TokenReference } from '../../../lambdas/promote/reference.ts';
import { takeTurn } from '../../../lambdas/promote/take-turn.ts';
import { provision } from '../../../lambdas/provision/provision.ts';
import { ProvisionInput } from '../../../lambdas/provision/provision-input.ts';
import { mendLine } from '../../../lambdas/sweep/mend-line.ts';
import { planSweep } from '../../../lambdas/sweep/plan-sweep.ts';
import { sweepHosts } from '../../../lambdas/sweep/sweep-hosts.ts';
import { sweepSource } from '../../../lambdas/sweep/sweep-source.ts';
import { sweepStore } from '../../../lambdas/sweep/sweep-store.ts';
import { principalOf } from '../../promote/shop.ts';
import { askIngress } from './ingress.ts';
import type { Ports } from './ports.ts';
import { BOOTSTRAP } from './provision-side.ts';
import { type IngressRequest, runWorker } from './run-worker.ts';

/** What one run of a function has at hand. */
export interface Run {
  readonly ports: Ports;
  readonly config: ConveyorConfig;
  /** Milliseconds before its time limit. */
  readonly remaining: () => number;
}

export interface Fn {
  /** Its time limit, as `infra` sets it. */
  readonly seconds: number;
  readonly run: (run: Run, payload: unknown) => Promise<unknown>;
}

const Failure = z.object({ step: z.string(), error: z.string(), cause: z.string().optional() });
const Finish = Reference.extend({ ending: FinalState, failure: Failure.optional() });
const Line = z.object({ service: ServiceName, environment: EnvironmentName });
const Asked = z.object({ by: PersonName.optional(), request: PromoteRequest });
const Cast = z.object({
  promotion: PromotionId,
  person: PersonName,
  decision: z.enum(['approve', 'reject']),
  note: z.string().optional(),
});
const Click = z.object({ token: z.string(), decision: z.enum(['approve', 'reject']) });

/** Where nobody provisions, services are where they would be put. */
const targetsOf = ({ provisioning }: Ports): Targets =>
  provisioning ?? { find: async () => undefined };

/** Every function, by its file's name, as its entry point (`*.lambda.ts`) wires it. */
export const FUNCTIONS: Readonly<Record<string, Fn>> = {
  'take-turn': { seconds: 30, run: ({ ports }, it) => takeTurn(ports, Reference.parse(it)) },
  'park-turn': {
    seconds: 30,
    run: ({ ports }, it) => {
      return parkTurn(ports, TokenReference.parse(it));
    },
  },
  'check-gates': {
    seconds: 30,
    run: ({ ports, config }, it) => checkGates(ports, config, Reference.parse(it)),
  },
  'request-approval': {
    seconds: 60,
    run: ({ ports, config }, it) => {
      return requestApproval(ports, config, TokenReference.parse(it));
    },
  },
  'copy-image': {
    seconds: 900,
    run: ({ ports, remaining }, it) => copyPromotion(ports, Reference.parse(it), remaining),
  },
  'verify-image': {
    seconds: 300,
    run: ({ ports }, it) => verifyPromotion(ports, Reference.parse(it)),
  },
  'copy-tarball': {
    seconds: 900,
    run: ({ ports, config, remaining }, it) =>
      copyTarballPromotion(ports, config, Reference.parse(it), remaining),
  },
  'verify-tarball': {
    seconds: 900,
    run: ({ ports }, it) => verifyTarballPromotion(ports, Reference.parse(it)),
  },
  'deploy-hosts': {
    seconds: 120,
    run: async ({ ports, config }, it) => {
      const { polls, ...ref } = HostsReference.parse(it);
      const fleet = ports.fleet?.(ref.environment);
      if (fleet === undefined) throw new Error('this world has no hosts');
      const on = { ...ports, hosts: fleet, commands: fleet, targets: targetsOf(ports) };
      return requireHosts(ports.promotions, ref, await deployHosts(on, config, ref, polls));
    },
  },
  'update-ledger': {
    seconds: 110,
    run: ({ ports, config }, it) => landPromotion(ports, config, Reference.parse(it)),
  },
  'observe-argocd': {
    seconds: 59,
    run: ({ ports, config }, it) => observePromotion(ports, config, Reference.parse(it)),
  },
  'finish-promotion': {
    seconds: 30,
    run: ({ ports, config }, it) => {
      const { ending, failure, ...ref } = Finish.parse(it);
      return finishPromotion(ports, config, ref, ending, failure && readFailure(failure));
    },
  },
  'plan-sweep': { seconds: 30, run: async ({ config }) => planSweep(config) },
  'sweep-source': {
    seconds: 900,
    run: async ({ ports, config }, it) => {
      const { environment } = z.object({ environment: EnvironmentName }).parse(it);
      const images = await sweepSource(ports, config, environment);
      const tarballs = await sweepStore(ports, config, environment);
      return { images, tarballs };
    },
  },
  'mend-line': {
    seconds: 120,
    run: ({ ports, config }, it) => {
      const { service, environment } = Line.parse(it);
      return mendLine(ports, config, service, environment);
    },
  },
  'sweep-hosts': {
    seconds: 120,
    run: async ({ ports, config }, it) => {
      const where = Line.parse(it);
      const fleet = ports.fleet?.(where.environment);
      if (fleet === undefined) throw new Error('this world has no hosts');
      const on = { ...ports, hosts: fleet, commands: fleet, targets: targetsOf(ports) };
      return sweepHosts(on, config, where);
    },
  },
  provision: {
    seconds: 120,
    run: ({ ports }, it) => {
      const { provisioning, scaffolds } = ports;
      if (provisioning === undefined) throw new Error('nobody provisions in this world');
      const openHosts = async (environment: string) => {
        const hosts = scaffolds?.(environment);
        return hosts && { hosts, commands: hosts };
      };
      const on = { ...ports, provisioning, openHosts, bootstrap: BOOTSTRAP };
      return provision(on, ProvisionInput.parse(it));
    },
  },
  'image-pushed': {
    seconds: 30,
    run: ({ ports, config }, push) => takeIn(ports, config, push as Push),
  },
  'object-uploaded': {
    seconds: 900,
    run: ({ ports, config }, it) =>
      takeInUpload(ports, config, readUpload(ObjectCreated.parse(it))),
  },
  ingress: {
    seconds: 25,
    run: ({ ports, config }, it) =>
      askIngress({ ...ports, ...ports.openR2() }, config, it as IngressRequest),
  },
  /** Not of Lambda: a consumer of a queue has fifteen minutes (Cloudflare docs, "Workers, Limits"). */
  'r2-worker': {
    seconds: 900,
    run: ({ ports }, it) => runWorker(ports.openR2().cloudflare, ports.clock, it),
  },
  'expire-approval': {
    seconds: 30,
    run: ({ ports }, it) => {
      const { promotion, round } = z.object({ promotion: PromotionId, round: z.int() }).parse(it);
      return expireApproval(ports, promotion, round);
    },
  },
  /** `POST /promotions` of the API. */
  'api.promote': {
    seconds: 30,
    run: ({ ports, config }, it) => {
      const { by, request } = Asked.parse(it);
      const caller = {
        principal: by === undefined ? principalOf('stranger') : principalOf(by),
        account: '111111111111',
        ...(by !== undefined && { person: by }),
      };
      return askPromotion(ports, config, caller, request);
    },
  },
  /** `POST /promotions/{id}/decision` of the API. */
  'api.decide': {
    seconds: 30,
    run: async ({ ports, config }, it) => {
      const { promotion, person, decision, note } = Cast.parse(it);
      const cast = { person, decision, via: 'cli', ...(note !== undefined && { note }) } as const;
      return castVote(ports, config, await ports.promotions.find(promotion), cast);
    },
  },
  /** `POST /a/{token}`: what the page behind a mailed link does with an answer, without its HTML. */
  'decision-page': {
    seconds: 30,
    run: async ({ ports, config }, it) => {
      const { token, decision } = Click.parse(it);
      const link = await ports.approvals.links.get(hashLinkToken(token));
      if (link === undefined) return { status: 404 };
      const { promotion, person, round } = link;
      const cast = { person, decision, via: 'page', round, note: 'because' } as const;
      return castVote(ports, config, await ports.promotions.find(promotion), cast);
    },
  },
};
