import type { OpenStore } from '../copy/open-store.ts';
import { openEnvironmentStore } from './environment-store.ts';
import { openReleaseStore } from './release-store.ts';

/** Either side of a copy. */
export const openStore: OpenStore = (place, session) =>
  place.environment === undefined
    ? openReleaseStore(place, session)
    : openEnvironmentStore(place, session);
