import { GetObjectTaggingCommand, PutObjectTaggingCommand } from '@aws-sdk/client-s3';
import { answerOf, named, type S3Place } from './s3-place.ts';

/** The lifecycle rule of the release store looks for this tag; see docs/decisions/0013-retention-by-tag.md. */
const TAG = 'conveyor-retention';
const EXPENDABLE = 'expired';
const NEEDED = 'kept';

/** Writes the tag beside whatever others have tagged the object with. @returns whether that changed anything */
export async function tagObject(place: S3Place, expendable: boolean): Promise<boolean> {
  const { client } = place;
  const { TagSet: tags = [] } = await answerOf(
    place,
    client.send(new GetObjectTaggingCommand(named(place))),
  );
  const before = tags.find(({ Key }) => Key === TAG)?.Value === EXPENDABLE;
  if (before === expendable) return false;
  const others = tags.filter(({ Key }) => Key !== TAG);
  const TagSet = [...others, { Key: TAG, Value: expendable ? EXPENDABLE : NEEDED }];
  const command = new PutObjectTaggingCommand({ ...named(place), Tagging: { TagSet } });
  await answerOf(place, client.send(command));
  return true;
}
