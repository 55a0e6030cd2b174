import { signal } from "@preact/signals";
import { Role, type WhoAmIResponse } from "../gen/taskscheduler/admin/v1/access_pb";

/** Who the reader is to the server, once it has said so. */
export const who = signal<WhoAmIResponse | undefined>(undefined);

/** Whether the reader may call an rpc, such as "CancelExecution"; until it is known, no. */
export function may(rpc: string): boolean {
  return who.value?.rpcs.includes(rpc) ?? false;
}

/** "viewer", "operator" or "admin". */
export function roleWord(role: Role): string {
  return (Role[role] ?? String(role)).toLowerCase();
}
