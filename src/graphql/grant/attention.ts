import type { Builder } from '../builder.ts';
import type { GrantRow } from '../reads/rows.ts';

export function defineAttention(builder: Builder) {
  return builder.objectRef<GrantRow>('GrantAttention').implement({
    description: 'What keeps a grant from going on, and who can help.',
    fields: (t) => ({
      code: t.string({
        description: 'Names it, for programs, such as `PROVIDER_UNAVAILABLE`; all of them stand in docs/attention.md.',
        resolve: ({ attentionCode }) => attentionCode ?? '',
      }),
      message: t.string({
        description: 'Says what to do, for people.',
        resolve: ({ attentionMessage }) => attentionMessage ?? '',
      }),
      actor: t.field({
        type: 'AttentionActor',
        description: 'Who must act.',
        resolve: ({ attentionActor }) => attentionActor ?? 'SYSTEM',
      }),
      attempts: t.exposeInt('attempts', { description: 'How often it was tried.' }),
      retryAt: t.expose('retryAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it is tried again; null: not before somebody acts.',
      }),
    }),
  });
}
