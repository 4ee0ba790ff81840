import type { ObjectPlace } from '../domain/place.ts';
import type { Objects } from '../ports/objects.ts';

/** Opens the bucket of a place, in the name of `session` (the promotion's id, as CloudTrail over there will say). */
export type OpenStore = (place: ObjectPlace, session: string) => Promise<Objects>;
