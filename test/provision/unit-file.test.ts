import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EnvironmentName, ServiceName } from '../../lambdas/domain/names.ts';
import { UnitOptions } from '../../lambdas/domain/provisioning.ts';
import { renderUnitFile } from '../../lambdas/provision/unit-file.ts';

const orders = ServiceName.parse('orders');
const prod = EnvironmentName.parse('prod');
const unitOf = (options: unknown) => renderUnitFile(orders, prod, UnitOptions.parse(options));
const settings = (text: string) =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('a unit', () => {
  it('starts the bootstrap with the service’s name, and nothing else', () => {
    expect(settings(unitOf({})).filter((line) => line.startsWith('Exec'))).toEqual([
      'ExecStart=/usr/local/lib/conveyor/bootstrap orders',
    ]);
  });

  it('lets the service write its data and nothing else', () => {
    const lines = settings(unitOf({}));

    expect(lines).toContain('ProtectSystem=strict');
    expect(lines.filter((line) => line.startsWith('ReadWritePaths='))).toEqual([
      'ReadWritePaths=/srv/wardnet/orders/data',
    ]);
    expect(lines).toEqual(expect.arrayContaining(['NoNewPrivileges=yes', 'PrivateTmp=yes']));
  });

  it('starts again after a failure, though not for ever, and not after what a start cannot mend', () => {
    expect(settings(unitOf({}))).toEqual(
      expect.arrayContaining([
        'Restart=on-failure',
        'StartLimitBurst=10',
        'StartLimitIntervalSec=300',
        'RestartPreventExitStatus=78',
      ]),
    );
  });

  it('is given what was asked for', () => {
    const lines = settings(
      unitOf({ after: ['postgresql.service'], memoryMax: '512M', openFiles: 1024, stopSeconds: 5 }),
    );

    expect(lines).toEqual(
      expect.arrayContaining([
        'After=network-online.target postgresql.service',
        'MemoryMax=512M',
        'LimitNOFILE=1024',
        'TimeoutStopSec=5',
      ]),
    );
  });

  it('says of a description what it says, specifiers included', () => {
    const said = 'orders’ "queue" $(id) `id` 100 % done %h';

    expect(settings(unitOf({ description: said }))).toContain(
      'Description=orders’ "queue" $(id) `id` 100 %% done %%h',
    );
  });

  it.each([
    ['a line break', 'orders\nExecStart=/bin/sh'],
    ['a carriage return', 'orders\rUser=root'],
    ['a backslash, which joins lines', 'orders\\'],
    ['a line separator', 'orders\u2028x'],
    ['nothing', ''],
  ])('refuses a description with %s', (_, description) => {
    expect(UnitOptions.safeParse({ description }).success).toBe(false);
  });

  it.each([
    ['after', ['postgresql.service ExecStart=x']],
    ['after', ['%n.service']],
    ['after', ['a@b.service']],
    ['memoryMax', '512'],
    ['memoryMax', '1G\nUser=root'],
    ['stopSeconds', 0],
    ['openFiles', 1.5],
  ])('refuses %s of %j', (key, value) => {
    expect(UnitOptions.safeParse({ [key]: value }).success).toBe(false);
  });

  it('has the same settings whatever its description says, or refuses to be', () => {
    const keys = (text: string) => settings(text).map((line) => line.split('=')[0]);
    const plain = keys(unitOf({}));

    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (description) => {
        const options = UnitOptions.safeParse({ description });
        if (!options.success) return;

        const unit = renderUnitFile(orders, prod, options.data);
        expect(keys(unit)).toEqual(plain);
        expect(unit).not.toMatch(/\\$/m);
        expect(
          settings(unit)
            .find((line) => line.startsWith('Description='))
            ?.replaceAll('%%', ''),
        ).not.toContain('%');
      }),
    );
  });
});
