import { TableApprovals } from '../../lambdas/adapters/table-approvals.ts';
import { TableLines } from '../../lambdas/adapters/table-lines.ts';
import { TablePromotions } from '../../lambdas/adapters/table-promotions.ts';
import { TableRollouts } from '../../lambdas/adapters/table-rollouts.ts';
import { TableSightings } from '../../lambdas/adapters/table-sightings.ts';
import { deployHosts } from '../../lambdas/deploy-hosts/deploy-hosts.ts';
import type { ConveyorConfig } from '../../lambdas/domain/config.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { EnvironmentName, PromotionId, ServiceName, Version } from '../../lambdas/domain/names.ts';
import type { Promotion } from '../../lambdas/domain/promotion.ts';
import { environmentPlace } from '../../lambdas/domain/release-store.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { MemoryFleet, type Running } from '../fakes/memory-fleet.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { MemoryProvisioning } from '../fakes/memory-provisioning.ts';
import { MemoryTable } from '../fakes/memory-table.ts';
import { relay, seededLedger, shop } from '../promote/shop.ts';

export const TAG = 'wardnet:relay=true';
export const environment = EnvironmentName.parse('dev');
export const service = ServiceName.parse(relay);

export function release(letter: string): Running {
  return { version: letter.repeat(40), digest: digestOf(letter) };
}

/** Hosts of one service, and a promotion that shall reach them. */
export function openDesk(rollout: object = {}, target: object = {}) {
  const clock = new FixedClock('2026-03-01T12:00:00.000Z');
  const table = new MemoryTable();
  const fleet = new MemoryFleet(clock);
  const config: ConveyorConfig = shop({}, [relay], { systemd: { hosts: TAG, rollout, ...target } });
  const promotions = new TablePromotions(table);
  const rollouts = new TableRollouts(table);
  const lines = new TableLines(table);
  const parameters = new MemoryProvisioning();
  const ports = {
    promotions,
    rollouts,
    lines,
    approvals: new TableApprovals(table),
    sightings: new TableSightings(table),
    ledger: new MemoryLedger(clock, seededLedger()),
    hosts: fleet,
    commands: fleet,
    targets: parameters,
    clock,
  };
  let promotion: Promotion | undefined;

  return {
    clock,
    fleet,
    parameters,
    ports,
    config,
    /** A promotion of that release, behind its gates. */
    async promote({ version, digest }: Running): Promise<Promotion> {
      const now = clock.now().toISOString();
      const key = `${service}/${version}.tar.gz`;
      const place = environmentPlace(config, environment, key);
      promotion = await promotions.open(
        {
          schema: 1,
          id: PromotionId.parse(`p_${clock.ulid()}`),
          kind: 'promotion',
          service,
          environment,
          version: Version.parse(version),
          digest: digest as Promotion['digest'],
          pushedAt: now,
          source: place,
          destination: place,
          requestedBy: { automatic: 'intake' },
          approvalWanted: false,
          createdAt: now,
          state: 'copying',
          stateSince: now,
          steps: {},
        },
        `request-${version}`,
      );
      await lines.take({ promotion: promotion.id, service, environment }, now);
      return promotion;
    },
    /** One step. */
    step(polls = 0) {
      if (promotion === undefined) throw new Error('nothing is promoted');
      const { id } = promotion;
      return deployHosts(ports, config, { promotion: id, service, environment }, polls);
    },
    /** Steps until it has ended, with all the waiting in between. */
    async finish(most = 500): Promise<string> {
      for (let n = 0; n < most; n++) {
        const advanced = await this.step();
        if (advanced.outcome !== 'wait') return advanced.outcome;
        clock.advance(advanced.seconds * 1_000);
      }
      throw new Error(`${most} steps did not end it`);
    },
    record() {
      if (promotion === undefined) throw new Error('nothing is promoted');
      return promotions.find(promotion.id);
    },
    /** What every host runs. */
    runs: () => fleet.hosts.map(({ running }) => running?.version[0] ?? '-').join(''),
  };
}
