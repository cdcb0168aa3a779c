/** Requests with files. */
import { DefaultRestOptions, type RESTOptions } from 'discord.js';

/**
 * Asks as discord.js does by itself, but sends a form as one piece. Sent piece by piece it goes on being read when its
 * request was aborted; what that throws ("ReadableStream is already closed", in `extractBody` of Node 24's own undici)
 * nobody can catch, and it would end the process.
 */
export const requestWithWholeForms: RESTOptions['makeRequest'] = async (url, init) => {
  const form: unknown = init.body;
  if (!(form instanceof FormData)) return DefaultRestOptions.makeRequest(url, init);
  const whole = new Response(form);
  const headers = { ...init.headers, 'Content-Type': whole.headers.get('content-type') ?? '' };
  return DefaultRestOptions.makeRequest(url, { ...init, headers, body: new Uint8Array(await whole.arrayBuffer()) });
};
