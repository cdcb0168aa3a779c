/** What is kept about whoever asks: shown, sent, deleted. */
import { exportOf } from '../src/people/export.ts';
import { storedAbout } from '../src/people/stored.ts';
import { actIdOf, type Asked, line, sentence, toAsker } from './asked.ts';
import { keptLine } from './consent.ts';
import { encodePressId } from './contract/press-id.ts';
import type { Button } from './contract/reply.ts';
import { tagOf } from './press-rights.ts';

export async function privacy(asked: Asked): Promise<void> {
  const { services, person, words, chat } = asked;
  const { consentAt, bytes, ...counts } = await storedAbout(services.store, person.id);
  const megabytes = Math.ceil(bytes / 1e5) / 10;
  const consent =
    consentAt === undefined
      ? words.say('privacy.no-consent')
      : words.say('privacy.consent', { time: words.duration(services.clock() - consentAt) });
  const lines = [
    line(words.say('privacy.title'), 'heading'),
    line(words.say('privacy.requests', { ...counts, megabytes })),
    line(words.say('privacy.person', { ...counts })),
    line(words.say('privacy.moderation', { ...counts })),
    line(consent),
    line(keptLine(asked), 'small'),
  ];
  const exportButton: Button = {
    label: words.say('button.export'),
    pressId: encodePressId({ action: 'export', id: '-', extra: tagOf(person.id) }),
    style: 'secondary',
  };
  await chat.answer(toAsker(lines, [[exportButton, forgetButton(asked, 'forget', 'secondary')]]));
}

/** In as many files as the chat's limit asks for, to the asker alone. */
export async function exportData({ services, person, scene, words, chat }: Asked): Promise<void> {
  const { parts, leftOut } = await exportOf(services.store, person.id, scene.maxUploadBytes);
  const lines = [line(words.say('export.here', { parts: parts.length }))];
  if (leftOut > 0) lines.push(line(words.say('export.left-out', { files: leftOut })));
  await chat.answer(toAsker(lines));
  for (const { name, bytes } of parts) {
    await chat.answer({ ...toAsker([line(name, 'small')]), files: [{ name, mediaType: 'application/zip', bytes }] });
  }
}

/** Asks once more, since nobody can bring it back. */
export async function askToForget(asked: Asked): Promise<void> {
  const { words, chat } = asked;
  const lines = [line(words.say('forget.sure')), line(words.say('forget.others'), 'small')];
  await chat.answer(toAsker(lines, [[forgetButton(asked, 'forget-yes', 'danger')]]));
}

export async function forgetForGood(asked: Asked): Promise<void> {
  const { services, person, words, chat } = asked;
  const { once, forgetting } = services;
  const { counts, messagesRemoved, messagesLeft } = await forgetting.forget(person.id, async () => {
    await once.done(actIdOf(asked));
    await chat.answer({ ...sentence(words.say('forget.busy')), kind: 'edit-pressed' });
  });
  const { jobs = 0, photos = 0, pictures = 0, accounts = 0, othersJobs = 0, values = 0, usage = 0 } = counts;
  const lines = [
    line(words.say('forget.done', { jobs, photos, pictures })),
    line(words.say('forget.done-person', { accounts, values, usage })),
    line(words.say('forget.messages', { removed: messagesRemoved, left: messagesLeft })),
    ...(othersJobs > 0 ? [line(words.say('forget.done-others', { jobs: othersJobs }))] : []),
  ];
  await chat.answer({ ...toAsker(lines), kind: 'edit-pressed' });
}

function forgetButton(asked: Asked, action: 'forget' | 'forget-yes', style: Button['style']): Button {
  return {
    label: asked.words.say('button.forget'),
    pressId: encodePressId({ action, id: '-', extra: tagOf(asked.person.id) }),
    style,
  };
}
