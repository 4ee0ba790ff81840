import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { relay } from '../src/relay.mjs';

before(() => once(relay.listen(0, '127.0.0.1'), 'listening'));
after(() => relay.close());

test('says that it is healthy', async () => {
  const response = await fetch(`http://127.0.0.1:${relay.address().port}/health`);

  assert.equal(await response.text(), 'ok\n');
});
