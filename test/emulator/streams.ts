// Owns the open WebSocket streams: registration, message frames, keep-alive, and every way they end.
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import type { Caller } from "./auth.ts";
import type { Notifier } from "./core.ts";
import type { StreamSwitches } from "./fault-kinds.ts";
import type { Faults } from "./faults.ts";
import { FrameGate, type Refusal } from "./frames.ts";
import { simplifyHandshake } from "./handshake.ts";
import { encodeJson } from "./json-encode.ts";
import { messageJson } from "./present.ts";
import { NeighbourOutlet, SocketOutlet, type Outlet } from "./outlet.ts";
import type { MessageRecord } from "./records.ts";

export interface StreamTiming {
  /** Between two pings of the server. */
  readonly pingPeriodMs: number;
  /** A socket that sent no pong for the period plus this is dropped. */
  readonly pongGraceMs: number;
  /** A socket that does not take a frame for this long is dropped. */
  readonly writeDeadlineMs: number;
}

/** Go's WebSocket library echoes a client's close code without its reason. */
class GorillaSocket extends WebSocket {
  override close(code?: number): void {
    super.close(code);
  }

  /** Says why, and waits for no answer. */
  refuse({ code, reason }: Refusal, tcp: Duplex): void {
    super.close(code, reason);
    tcp.end();
  }
}

/** What arrives goes through the gate before the socket reads it. */
function guard(socket: GorillaSocket, tcp: Duplex): void {
  const readers = tcp.listeners("data");
  tcp.removeAllListeners("data");
  const gate = new FrameGate();
  tcp.on("data", (chunk: Buffer) => {
    const { good, refusal } = gate.take(chunk);
    if (good.length > 0) for (const read of readers) Reflect.apply(read, tcp, [good]);
    if (refusal !== undefined) socket.refuse(refusal, tcp);
  });
}

/** One on the list of those that get a user's messages. */
interface Subscriber {
  readonly userId: number;
  readonly outlet: Outlet;
}

interface Stream extends Subscriber {
  readonly socket: WebSocket;
  readonly outlet: SocketOutlet;
  /** Undefined for one opened with name and password, which the deletion of a client does not end. */
  readonly clientId: number | undefined;
  /** Half-open for good. Whatever is half-open is paused: it reads nothing, so it answers nothing. */
  frozen: boolean;
  readonly timers: Set<NodeJS.Timeout>;
}

export class Streams implements Notifier, StreamSwitches {
  readonly #timing: StreamTiming;
  readonly #onChange: () => void;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // The gate before it sees to sizes, and the server does not look into messages.
    maxPayload: 0,
    skipUTF8Validation: true,
    WebSocket: GorillaSocket,
  });
  /** From the 101 on, in the order of their arrival. */
  readonly #accepted = new Set<Stream>();
  /** Those of them that get messages. */
  readonly #registered = new Set<Stream>();
  /** The same with the neighbours that are only thought of, in the order in which messages reach them. */
  readonly #subscribers = new Set<Subscriber>();
  /** Messages on their way to one socket after the other. The list does not grow meanwhile. */
  #notifying = 0;
  readonly #toRegister: Array<() => void> = [];
  #grown = Promise.withResolvers<void>();

  constructor(timing: StreamTiming, onChange: () => void) {
    this.#timing = timing;
    this.#onChange = onChange;
  }

  /** How many sockets get messages. */
  count(): number {
    return this.#registered.size;
  }

  /** Whose sockets get messages. */
  connectedClients(): ReadonlySet<number> {
    const ids = new Set<number>();
    for (const { clientId } of this.#registered) if (clientId !== undefined) ids.add(clientId);
    return ids;
  }

  accept(
    request: IncomingMessage,
    tcp: Duplex,
    head: Buffer,
    caller: Caller,
    faults: Faults,
  ): void {
    simplifyHandshake(request);
    this.#server.handleUpgrade(request, tcp, head, (socket) => {
      guard(socket, tcp);
      const stream: Stream = {
        socket,
        userId: caller.userId,
        clientId: caller.client?.id,
        outlet: new SocketOutlet(socket, this.#timing.writeDeadlineMs),
        frozen: false,
        timers: new Set(),
      };
      this.#accepted.add(stream);
      socket.on("error", () => {
        // A broken frame from the client: ws has sent its close code, the close event follows.
      });
      socket.on("close", () => this.#forget(stream));
      // As in the real server the 101 is out before anybody listens: no reader, so no pong, until then.
      socket.pause();
      if (faults.registrationDelayMs === 0) this.#register(stream, faults);
      else {
        stream.timers.add(
          setTimeout(() => this.#register(stream, faults), faults.registrationDelayMs),
        );
      }
    });
  }

  #register(stream: Stream, faults: Faults): void {
    if (!this.#accepted.has(stream)) return;
    if (this.#notifying > 0) {
      this.#toRegister.push(() => this.#register(stream, faults));
      return;
    }
    this.#registered.add(stream);
    this.#subscribers.add(stream);
    this.#keepAlive(stream);
    if (!faults.freezeStreams && !stream.frozen) stream.socket.resume();
    this.#onChange();
  }

  #keepAlive(stream: Stream): void {
    const { pingPeriodMs, pongGraceMs } = this.#timing;
    const ping = setInterval(() => {
      if (!stream.socket.isPaused) stream.socket.ping();
    }, pingPeriodMs);
    const deadline = setTimeout(() => {
      // A frozen stream is to stay open; it gets a new deadline for when it thaws.
      if (stream.socket.isPaused) deadline.refresh();
      else stream.socket.terminate();
    }, pingPeriodMs + pongGraceMs);
    // Only a pong counts: neither the client's own pings nor its data prolong a socket's life.
    stream.socket.on("pong", () => deadline.refresh());
    stream.timers.add(ping).add(deadline);
  }

  #forget(stream: Stream): void {
    for (const timer of stream.timers) clearTimeout(timer);
    this.#accepted.delete(stream);
    this.#registered.delete(stream);
    this.#unsubscribe(stream);
    stream.outlet.close();
    this.#onChange();
  }

  /** Who waits to be put on the list goes first, and with it the posts that waited for that: these still meet the gone one. */
  #unsubscribe(subscriber: Subscriber): void {
    if (this.#toRegister.length === 0) this.#subscribers.delete(subscriber);
    else void this.#grown.promise.then(() => this.#subscribers.delete(subscriber));
  }

  /** From socket to socket, in the order of their registration; one without room holds up those after it. */
  async notify(userId: number, message: MessageRecord): Promise<void> {
    const text = `${encodeJson(messageJson(message))}\n`;
    // Whoever waits to be put on the list goes first.
    if (this.#toRegister.length > 0) await this.#grown.promise;
    this.#notifying += 1;
    try {
      for (const subscriber of this.#subscribers) {
        if (subscriber.userId !== userId) continue;
        const room = subscriber.outlet.offer(text);
        if (room !== undefined) await room;
      }
    } finally {
      this.#notifying -= 1;
      if (this.#notifying === 0) this.#growList();
    }
  }

  #growList(): void {
    for (const register of this.#toRegister.splice(0)) register();
    this.#grown.resolve();
    this.#grown = Promise.withResolvers<void>();
  }

  addNeighbour(userId: number, delayMs: number): () => void {
    const outlet = new NeighbourOutlet(delayMs, () => this.#unsubscribe(neighbour));
    const neighbour: Subscriber = { userId, outlet };
    this.#subscribers.add(neighbour);
    return () => outlet.leave();
  }

  closeClient(clientId: number): void {
    this.#cut((stream) => stream.clientId === clientId);
  }

  closeUser(userId: number): void {
    this.#cut((stream) => stream.userId === userId);
  }

  cutAll(): void {
    this.#cut(() => true);
  }

  /** The real server closes the connection and says nothing: its clients see 1006. */
  #cut(isMeant: (stream: Stream) => boolean): void {
    for (const stream of this.#accepted) if (isMeant(stream)) stream.socket.terminate();
  }

  freezeOpen(): void {
    for (const stream of this.#accepted) {
      stream.frozen = true;
      stream.socket.pause();
    }
  }

  freezeAll(frozen: boolean): void {
    for (const stream of this.#registered) {
      if (frozen) stream.socket.pause();
      else if (!stream.frozen) stream.socket.resume();
    }
  }

  sendRaw(text: string): void {
    for (const { socket } of this.#registered) if (!socket.isPaused) socket.send(text);
  }
}
