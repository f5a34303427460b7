// A web server and a mail server of a test: they take what comes, and hand it over.
import { createServer as createWebServer } from 'node:http';
import { createServer } from 'node:net';

/** Resolves once `find` gives something of what came. */
function waiter(came) {
  const waiting = new Set();
  return {
    add(one) {
      came.push(one);
      waiting.forEach((look) => look());
    },
    /** The first that fits; whatever came before counts. */
    next(find, limit = 20_000) {
      return new Promise((found, gaveUp) => {
        const end = setTimeout(() => gaveUp(new Error(`nothing came that fits, of ${came.length}:\n${came.map((one) => JSON.stringify(one)).join('\n')}`)), limit);
        const look = () => {
          const one = came.find(find);
          if (!one) return;
          clearTimeout(end);
          waiting.delete(look);
          found(one);
        };
        waiting.add(look);
        look();
      });
    },
  };
}

const listening = (server) => new Promise((next) => server.listen(0, '127.0.0.1', () => next(server.address().port)));

/** `{ url, came, next, close, answers }`: each message as `{ path, headers, body }`; `answers` has a status for a path, else it is 204. */
export async function webSink() {
  const [came, answers] = [[], new Map()];
  const { add, next } = waiter(came);
  const server = createWebServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      response.writeHead(answers.get(request.url) ?? 204).end();
      add({ path: request.url, headers: request.headers, body: Buffer.concat(parts).toString() });
    });
  });
  const port = await listening(server);
  return { url: `http://127.0.0.1:${port}`, came, next, answers, close: () => server.close() };
}

/** A mail's head and its words as they are read. */
function readable(mail) {
  const [head, ...rest] = mail.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  if (/content-transfer-encoding: base64/i.test(head)) return { head, body: Buffer.from(body, 'base64').toString() };
  return { head, body: body.replaceAll('=\r\n', '').replaceAll('=3D', '=') };
}

/** `{ port, came, next, close }`: each mail as `{ to, head, body }`. */
export async function mailSink() {
  const came = [];
  const { add, next } = waiter(came);
  const server = createServer((socket) => {
    let [text, inside, to] = ['', false, ''];
    socket.setEncoding('utf8');
    socket.write('220 sink.test\r\n');
    socket.on('error', () => {});
    socket.on('data', (part) => {
      text += part;
      for (;;) {
        const end = inside ? text.indexOf('\r\n.\r\n') : text.indexOf('\r\n');
        if (end < 0) return;
        const said = text.slice(0, end);
        text = text.slice(end + (inside ? 5 : 2));
        if (inside) {
          inside = false;
          add({ to, ...readable(said) });
          socket.write('250 taken\r\n');
        } else if (/^DATA/i.test(said)) {
          inside = true;
          socket.write('354 go on\r\n');
        } else if (/^QUIT/i.test(said)) {
          socket.end('221 bye\r\n');
        } else {
          to = /^RCPT TO:<(.*)>/i.exec(said)?.[1] ?? to;
          socket.write('250 sink.test\r\n');
        }
      }
    });
  });
  const port = await listening(server);
  return { port, came, next, close: () => server.close() };
}
