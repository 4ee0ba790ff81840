import { digestOf } from '../../../lambdas/domain/digest.ts';
import { type EnvironmentName, ServiceName, Version } from '../../../lambdas/domain/names.ts';
import { environmentPlace, releaseKey } from '../../../lambdas/domain/release-store.ts';
import { smallTarball } from '../../promote/small-tarball.ts';
import type { Act } from '../acts.ts';
import { attack } from './attacks.ts';
import type { Pushed } from './options.ts';
import { r2Notification, s3Event, saidDigest, shaOf, uploadPlace } from './uploads.ts';
import type { World } from './world.ts';

type Of<Kind extends Act['do']> = Extract<Act, { do: Kind }>;

const MINUTE = 60_000;

/** Who puts tarballs into buckets, rightly or not, and who tells of them. */
export class Uploaders {
  constructor(private readonly world: World) {}

  /** CI: a tarball into the release store. A version of digits is a SHA that begins so. */
  push({ service, version, event, says = 'true' }: Of<'push'>): Pushed {
    const { config, buckets, loop, random } = this.world;
    const place = uploadPlace(config, service, version);
    const bytes = smallTarball(`${service} ${version}`);
    const facts = { commit: shaOf(version) };
    buckets[place.bucket]?.put(place.key, bytes, saidDigest(says, bytes), facts);
    const at = new Date(loop.now());
    const announce = async () => {
      await loop.sleep(event === 'late' ? random.below(180) * MINUTE : random.below(3_000));
      if (place.store === 'r2') this.world.r2.queue.send(r2Notification(place, at));
      else await this.world.deliver('object-uploaded', s3Event(place, at));
    };
    const times = event === 'never' ? 0 : event === 'twice' ? 2 : 1;
    for (let n = 0; n < times; n++) loop.spawn(announce);
    const isTold = event === 'once' || event === 'twice';
    return { service, version: shaOf(version), digest: digestOf(bytes), isTold };
  }

  async act(act: Of<'outage' | 'skew' | 'overwrite' | 'attack'>): Promise<void> {
    const { wire, loop, r2 } = this.world;
    switch (act.do) {
      case 'outage':
        wire.outages.set(act.of, loop.now() + act.minutes * MINUTE);
        return;
      case 'skew':
        r2.workerSkew = act.by;
        return;
      case 'overwrite':
        return this.#overwrite(act);
      case 'attack':
        return attack(this.world, act);
    }
  }

  /** Other bytes into an environment's bucket, before Conveyor comes there. */
  taint({ environment, service, version }: Of<'taint'>): void {
    const key = releaseKey(ServiceName.parse(service), Version.parse(shaOf(version)));
    const { bucket } = environmentPlace(this.world.config, environment as EnvironmentName, key);
    const bytes = smallTarball('something else');
    if (this.world.buckets[bucket]?.bytesOf(key) !== undefined) return;
    this.world.tainted.set(`${bucket} ${key}`, digestOf(bytes));
    this.world.buckets[bucket]?.put(key, bytes, digestOf(bytes));
  }

  /** Told of like any upload. Before it is a release, it would be but another first upload. */
  async #overwrite({ service, version, says }: Of<'overwrite'>): Promise<void> {
    const { config, buckets, loop, table, r2 } = this.world;
    const known = table.peek({ pk: `S#${service}`, sk: `R#${shaOf(version)}` });
    if (known === undefined) return;
    const place = uploadPlace(config, service, version);
    const bytes = smallTarball(`${service} ${version} anew`);
    const before = (await buckets[place.bucket]?.head(place.key))?.digest;
    const said = says === 'false' ? before : saidDigest(says, bytes);
    buckets[place.bucket]?.put(place.key, bytes, said);
    const at = new Date(loop.now());
    if (place.store === 'r2') r2.queue.send(r2Notification(place, at));
    else await this.world.deliver('object-uploaded', s3Event(place, at));
  }
}
