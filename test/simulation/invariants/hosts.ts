import { isFinal } from '../../../lambdas/domain/promotion.ts';
import type { Batch, HostRollout } from '../../../lambdas/domain/rollout.ts';
import type { CommandToSend } from '../../../lambdas/ports/host-commands.ts';
import type { Change } from '../../../lambdas/ports/table.ts';
import type { SimHost } from '../world/sim-host.ts';
import { serviceOf } from '../world/sim-host.ts';
import type { Effect } from '../world/tap.ts';
import type { World } from '../world/world.ts';
import type { Invariant } from './invariant.ts';

/** Heads of rollouts that were written by this effect. */
export function rolloutsIn({ port, method, args, result }: Effect): HostRollout[] {
  if (port !== 'table' || method !== 'write' || result !== true) return [];
  return (args[0] as Change[])
    .filter(({ pk, sk, value }) => pk.startsWith('P#') && sk === 'H' && value !== undefined)
    .map(({ value }) => value as unknown as HostRollout);
}

/** Those of whom the rollout has asked anything, by what the table says. */
function reached(world: World, { promotion, plan }: HostRollout): Batch[] {
  return world.table.peekAll<Batch>(`P#${promotion}`, `H#${plan}#`).map(({ value }) => value);
}

function hostOf(world: World, environment: string, instance: string): SimHost | undefined {
  return world.fleets[environment]?.hosts.find((host) => host.instance === instance);
}

export const onlyApproved: Invariant = {
  name: 'a host runs what it began with, or what a rollout in its environment was opened for',
  watch(world, broken) {
    /** Services, environments and versions with spaces between. */
    const opened = new Set<string>();
    return {
      onEffect(effect) {
        for (const { service, environment, version, digest } of rolloutsIn(effect))
          opened.add(`${service} ${environment} ${version} ${digest}`);
      },
      atEnd() {
        for (const [environment, { hosts }] of Object.entries(world.fleets))
          for (const { instance, tag, running, own } of hosts) {
            if (running === undefined || running.version === own?.version) continue;
            const what = `${serviceOf(tag)} ${environment} ${running.version} ${running.digest}`;
            if (!opened.has(what)) broken(`${instance} runs ${what}`);
          }
      },
    };
  },
};

export const promotedIsSeen: Invariant = {
  name: 'a rollout is called promoted only where all hosts but so many were seen to run it, and well',
  watch: (world, broken) => ({
    onEffect(effect) {
      for (const rollout of rolloutsIn(effect)) {
        const { promotion, environment, version, digest, verdict, policy } = rollout;
        if (verdict !== 'promoted') continue;
        const hosts = reached(world, rollout).flatMap((batch) => batch.hosts);
        const wrong = hosts.filter(({ instance }) => {
          const seen = hostOf(world, environment, instance)?.seen;
          return seen?.running?.version !== version || seen.running.digest !== digest || !seen.well;
        });
        if (wrong.length > policy.maxErrors)
          broken(
            `${promotion}: ${wrong.length} hosts were not seen to run it, ${wrong[0]?.instance}`,
          );
      }
    },
    atEnd() {
      for (const { id, state, service, environment, steps } of world.records()) {
        const isOnHosts = world.fleets[environment]?.of(service).length !== 0;
        if (isOnHosts && state === 'promoted' && steps.hosts?.verdict !== 'promoted')
          broken(`${id} is promoted, and its hosts are ${steps.hosts?.verdict ?? 'unasked'}`);
      }
    },
  }),
};

export const undoneIsBack: Invariant = {
  name: 'a rollout is called undone where every host that it reached is back, or is told as one that is not',
  watch: (world, broken) => ({
    onEffect(effect) {
      for (const rollout of rolloutsIn(effect)) {
        const { promotion, environment, version, verdict } = rollout;
        if (verdict !== 'undone') continue;
        for (const { instance, state } of reached(world, rollout).flatMap(({ hosts }) => hosts)) {
          const seen = hostOf(world, environment, instance)?.seen;
          if (state === 'restored' && seen?.running?.version === version)
            broken(`${promotion}: ${instance} is told as back, and was seen to run it`);
          if (state === 'promoted') broken(`${promotion}: ${instance} is told as promoted`);
        }
      }
    },
  }),
};

export const oneOnAHost: Invariant = {
  name: 'two commands never work on one host at once for one service',
  watch: (world, broken) => ({
    onEffect({ port }) {
      if (!port.startsWith('hosts.')) return;
      for (const { instance, wasShared } of allHosts(world))
        if (wasShared) broken(`two scripts were at work on ${instance}`);
    },
    atEnd() {
      for (const { instance, wasShared } of allHosts(world))
        if (wasShared) broken(`two scripts were at work on ${instance}`);
    },
  }),
};

/** What a command asks of its hosts. */
export function actionOf({ request }: CommandToSend): string {
  return JSON.parse(Buffer.from(request, 'base64').toString('utf8')).action;
}

export const othersOnlyLook: Invariant = {
  name: 'who works on no promotion asks hosts what they run, and no more',
  watch: (_, broken) => ({
    onEffect({ port, method, args, process }) {
      if (!port.startsWith('hosts.') || method !== 'send' || process.name === 'deploy-hosts')
        return;
      const action = actionOf(args[0] as CommandToSend);
      if (action !== 'observe') broken(`${process.name} sent ${action}`);
    },
  }),
};

export const hostsBeforeLedger: Invariant = {
  name: 'the Ledger names what hosts run only once they were seen to run it',
  watch: (world, broken) => ({
    onEffect({ port, method, result, process }) {
      if (port !== 'ledger' || method !== 'commit' || result === undefined) return;
      const record = world.record(process.subject ?? '');
      if (record === undefined || isFinal(record.state)) return;
      if (world.fleets[record.environment]?.of(record.service).length === 0) return;
      const head = world.table.peek<HostRollout>({ pk: `P#${record.id}`, sk: 'H' })?.value;
      if (head?.verdict !== 'promoted')
        broken(`${record.id} is in the Ledger, and its hosts are ${head?.verdict ?? 'unasked'}`);
    },
  }),
};

function allHosts({ fleets }: World): SimHost[] {
  return Object.values(fleets).flatMap(({ hosts }) => hosts);
}
