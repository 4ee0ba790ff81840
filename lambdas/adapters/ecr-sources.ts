import {
  DescribeImagesCommand,
  type ECRClient,
  RepositoryNotFoundException,
} from '@aws-sdk/client-ecr';
import { Digest } from '../domain/digest.ts';
import type { ImagePlace } from '../domain/place.ts';
import type { SourceImage, Sources } from '../ports/sources.ts';

export class EcrSources implements Sources {
  constructor(private readonly clientFor: (place: ImagePlace) => Promise<ECRClient>) {}

  async images(place: ImagePlace): Promise<readonly SourceImage[]> {
    const client = await this.clientFor(place);
    const images: SourceImage[] = [];
    let nextToken: string | undefined;
    try {
      do {
        const page = await client.send(
          new DescribeImagesCommand({
            repositoryName: place.repository,
            filter: { tagStatus: 'TAGGED' },
            maxResults: 1_000,
            nextToken,
          }),
        );
        for (const { imageTags = [], imageDigest, imagePushedAt } of page.imageDetails ?? [])
          for (const tag of imageTags)
            images.push({
              tag,
              digest: Digest.parse(imageDigest),
              pushedAt: (imagePushedAt ?? new Date(0)).toISOString(),
            });
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
    } catch (error) {
      if (!(error instanceof RepositoryNotFoundException)) throw error;
    }
    return images;
  }
}
