import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { renderDocument, renderScript } from '../../infra/documents/render-document.ts';
import { encodeRequest } from '../../lambdas/deploy-hosts/host-request.ts';

const KINDS = ['systemd', 'compose'] as const;
/** "Quotas for Systems Manager documents": 64 kB. */
const LARGEST = 64 * 1_024;

describe.each(KINDS)('the document of hosts by %s', (kind) => {
  const document = renderDocument(kind);
  const text = JSON.stringify(document);

  it('has one parameter: base64, by pattern, handed over as a variable', () => {
    expect(document.parameters).toEqual({
      Request: expect.objectContaining({ type: 'String', interpolationType: 'ENV_VAR' }),
    });
    const { Request } = document.parameters as { Request: { allowedPattern: string } };
    const pattern = new RegExp(Request.allowedPattern);
    expect(encodeRequest('{"service":"rel\'ay$(id)\\n"}', 'deploy')).toMatch(pattern);
    for (const hostile of ['$(id)', "a'b", 'a b c d', 'aaaa\naaaa', '{{ssm:x}}', 'aaaa;id', 'äöüß'])
      expect(hostile).not.toMatch(pattern);
  });

  it('puts no parameter into the script but that one, where an old agent sets no variable', () => {
    // Docker's own templates begin with a dot or a function, which is no parameter's name.
    const named = text.match(/\{\{\s*[\w:/-]+\s*\}\}/g);
    expect(named).toEqual(['{{ Request }}']);
  });

  it('is as small as Systems Manager takes', () => {
    expect(Buffer.byteLength(text)).toBeLessThan(LARGEST);
  });

  it('is POSIX sh without a finding', () => {
    const checked = spawnSync('shellcheck', ['-s', 'sh', '-S', 'warning', '-'], {
      input: renderScript(kind),
      encoding: 'utf8',
    });
    expect(checked.stdout).toBe('');
    expect(checked.status).toBe(0);
  });
});
