import { digestOf } from '../domain/digest.ts';
import type { ServiceName, Version } from '../domain/names.ts';
import { Promotion, Refusal, Release } from '../domain/promotion.ts';
import type { Admission, Releases } from '../ports/releases.ts';
import type { Table } from '../ports/table.ts';
import { keys } from './table-keys.ts';
import { openingChanges } from './table-promotions.ts';

interface ReleaseItem {
  readonly release: Release;
  readonly promotion?: {
    readonly id: Promotion['id'];
    readonly environment: Promotion['environment'];
  };
}

const REFUSALS_KEPT_SECONDS = 90 * 86_400;

export class TableReleases implements Releases {
  constructor(private readonly table: Table) {}

  async admit(release: Release, promotion?: Promotion): Promise<Admission> {
    const key = keys.release(release.service, release.version);
    const item: ReleaseItem = {
      release,
      ...(promotion && { promotion: { id: promotion.id, environment: promotion.environment } }),
    };
    const made = await this.table.write([
      { ...key, expected: 'absent', value: item },
      ...(promotion ? openingChanges(promotion) : []),
    ]);
    if (made) return { outcome: 'new', release, ...(promotion && { promotion }) };

    const known = await this.table.get<ReleaseItem>(key);
    if (known === undefined) return this.admit(release, promotion);
    const first = Release.parse(known.value.release);
    if (first.digest !== release.digest) return { outcome: 'moved', release: first };
    const ref = known.value.promotion;
    if (ref === undefined) return { outcome: 'known', release: first };
    const of = await this.table.get(keys.promotion(release.service, ref.environment, ref.id));
    return { outcome: 'known', release: first, promotion: Promotion.parse(of?.value) };
  }

  async find(service: ServiceName, version: Version): Promise<Release | undefined> {
    const item = await this.table.get<ReleaseItem>(keys.release(service, version));
    return item === undefined ? undefined : Release.parse(item.value.release);
  }

  async list(service: ServiceName, limit: number): Promise<readonly Release[]> {
    const items = await this.table.query<ReleaseItem>(keys.service(service), 'R#');
    return items
      .map((item) => Release.parse(item.value.release))
      .sort((a, b) => b.pushedAt.localeCompare(a.pushedAt))
      .slice(0, limit);
  }

  async refuse(refusal: Refusal): Promise<void> {
    const { account, repository, tag, digest } = refusal;
    const id = digestOf(JSON.stringify([account, repository, tag, digest])).slice(7, 39);
    const ttl = Math.floor(Date.parse(refusal.at) / 1_000) + REFUSALS_KEPT_SECONDS;
    await this.table.write([{ ...keys.refusal(id), expected: 'absent', value: refusal, ttl }]);
  }

  async watchedSince(service: ServiceName, at: string): Promise<string> {
    const key = keys.watch(service);
    const known = await this.table.get<{ readonly since: string }>(key);
    if (known !== undefined) return known.value.since;
    const first = await this.table.write([{ ...key, expected: 'absent', value: { since: at } }]);
    return first ? at : this.watchedSince(service, at);
  }

  async refusals(limit: number): Promise<readonly Refusal[]> {
    const { pk, sk } = keys.refusal('');
    const items = await this.table.query(pk, sk);
    return items
      .map((item) => Refusal.parse(item.value))
      .sort((a, b) => b.at.localeCompare(a.at))
      .slice(0, limit);
  }
}
