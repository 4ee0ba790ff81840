import type { ImagePlace } from '../domain/place.ts';
import type { Registry } from '../ports/registry.ts';

/** Opens the registry of an environment, in the name of `session` (the promotion's id, as CloudTrail over there will say). */
export type OpenRegistry = (place: ImagePlace, session: string) => Promise<Registry>;
