import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { AdminService } from "../gen/taskscheduler/admin/v1/admin_pb";
import { tokenWanted } from "./session";

// Who has no session, or none any more, is asked for a token.
const heedRefusals: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (error) {
    if (ConnectError.from(error).code === Code.Unauthenticated) tokenWanted.value = true;
    throw error;
  }
};

const transport = createConnectTransport({
  baseUrl: typeof location === "undefined" ? "/" : location.origin,
  useBinaryFormat: true,
  interceptors: [heedRefusals],
});

/** The admin service of the server that this page came from. */
export const admin = createClient(AdminService, transport);
