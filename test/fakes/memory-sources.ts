import type { ImagePlace } from '../../lambdas/domain/place.ts';
import type { SourceImage, Sources } from '../../lambdas/ports/sources.ts';

/** Registries as a sweep sees them. A repository that was never put to holds nothing. */
export class MemorySources implements Sources {
  readonly #images = new Map<string, SourceImage[]>();

  put(place: Pick<ImagePlace, 'account' | 'repository'>, image: SourceImage): void {
    const name = `${place.account}/${place.repository}`;
    const others = (this.#images.get(name) ?? []).filter(({ tag }) => tag !== image.tag);
    this.#images.set(name, [...others, image]);
  }

  async images(place: ImagePlace): Promise<readonly SourceImage[]> {
    return this.#images.get(`${place.account}/${place.repository}`) ?? [];
  }
}
