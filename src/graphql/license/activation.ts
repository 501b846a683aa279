import type { Builder } from '../builder.ts';
import { defineConnection } from '../connection.ts';

export function defineActivation(builder: Builder): void {
  builder.objectType('LicenseActivation', {
    description: 'A machine a license key is active on.',
    fields: (t) => ({
      id: t.exposeID('id', {
        description:
          'Names it, and is enough to deactivate it: a secret between the machine and the merchant. Customers who may not deactivate, and tokens without the scope licenses:read, see another id.',
      }),
      label: t.exposeString('label', { description: 'What the application calls the machine.' }),
      fingerprint: t.exposeString('fingerprint', {
        nullable: true,
        description: 'What the application knows the machine by.',
      }),
      conditions: t.expose('conditions', {
        type: 'Metadata',
        description: 'What must be the same at every validation.',
      }),
      meta: t.expose('meta', { type: 'Metadata', description: 'Whatever the application noted.' }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was activated.' }),
      deactivatedAt: t.expose('deactivatedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it was deactivated.',
      }),
    }),
  });
  defineConnection(builder, 'LicenseActivation', 'activations');
}
