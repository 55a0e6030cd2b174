import "./style/index.css";
import { render } from "preact";
import { followAddress } from "./address/route";
import { hearKeys } from "./keys/keys";
import { App } from "./shell/app";

const root = document.getElementById("app");
if (root) {
  followAddress();
  hearKeys();
  root.replaceChildren();
  render(<App />, root);
}
