// The installation as OSCQuery shows it: its tree, its values as they change, and a way to set them.

import { decode, encode } from "./osc.js";

const AGAIN_MS = [500, 1000, 2000, 5000];
const SEND_EVERY_MS = 35;

export class House extends EventTarget {
  nodes = new Map(); // every node that takes or shows something, by address
  values = new Map();
  role = "look";
  #followers = new Map(); // address -> set of functions that are told its values
  #socket = null;
  #tries = 0;
  #waiting = new Map(); // address -> packet not sent yet
  #sending = null;

  /** Read the tree, then listen; again and again, should the installation go away. Fires "tree" and "link". */
  async open() {
    try {
      const [tree, host] = await Promise.all(["/", "/?HOST_INFO"].map(read));
      this.role = host.ROLE ?? "service";
      this.nodes.clear();
      this.#take(tree);
      this.#listen();
    } catch {
      this.#later();
    }
  }

  #take(node) {
    if (node.TYPE !== undefined) this.nodes.set(node.FULL_PATH, node);
    if (node.VALUE !== undefined) this.values.set(node.FULL_PATH, node.VALUE);
    for (const below of Object.values(node.CONTENTS ?? {})) this.#take(below);
  }

  #listen() {
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}/?BUNDLES`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#socket = socket;
      this.#tries = 0;
      this.#tell("tree"); // whoever hears it follows everything anew
      this.#tell("link", true);
    };
    socket.onmessage = (event) => {
      for (const [path, values] of decode(event.data)) this.#hear(path, values);
    };
    socket.onclose = () => {
      this.#socket = null;
      this.#tell("link", false);
      this.#later();
    };
  }

  #later() {
    const wait = AGAIN_MS[Math.min(this.#tries++, AGAIN_MS.length - 1)];
    setTimeout(() => this.open(), wait);
  }

  #hear(path, values) {
    this.values.set(path, values);
    for (const follower of this.#followers.get(path) ?? []) follower(values);
  }

  #command(name, path) {
    this.#socket?.send(JSON.stringify({ COMMAND: name, DATA: path }));
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** Call `told` with the values of an address now and whenever they change. Returns what ends that. */
  follow(path, told) {
    if (!this.#followers.has(path)) {
      this.#followers.set(path, new Set());
      this.#command("LISTEN", path);
    }
    const all = this.#followers.get(path);
    all.add(told);
    if (this.values.has(path)) told(this.values.get(path));
    return () => {
      all.delete(told);
      if (all.size === 0 && this.#followers.delete(path)) this.#command("IGNORE", path);
    };
  }

  mayset(path) {
    return Boolean(this.nodes.get(path)?.ACCESS & 2);
  }

  /** Set an address; of what comes faster than it can be sent, the latest. */
  set(path, ...values) {
    const types = (this.nodes.get(path)?.TYPE ?? "").replace("N", "").slice(0, values.length);
    this.#waiting.set(path, encode(path, types, values));
    this.#sending ??= setTimeout(() => this.#flush(), this.#lately() ? SEND_EVERY_MS : 0);
  }

  #sent = 0;
  #lately() {
    return performance.now() - this.#sent < SEND_EVERY_MS;
  }

  #flush() {
    this.#sending = null;
    this.#sent = performance.now();
    for (const packet of this.#waiting.values()) this.#socket?.send(packet);
    this.#waiting.clear();
  }

  /** Hang up; it is connected again at once. */
  drop() {
    this.#socket?.close();
  }

  /** Show a PIN, or take the role away with an empty one. Whether it was taken. */
  async show(pin) {
    const body = JSON.stringify({ pin });
    const answer = await fetch("/web/pin", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    if (answer.ok) this.drop(); // and open again, with the new role
    return answer.ok;
  }
}

async function read(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" }, cache: "no-store" });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}
