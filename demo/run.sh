#!/bin/sh
# The demo: an SQLite database of this machine's packages, a fresh token, and a server on 127.0.0.1:8080.
# Usage: run.sh BUILD-FOLDER      Ctrl-C ends it. GATEHOUSE_DEMO_ADDRESS changes the address.
set -eu
build=$(cd "${1:?usage: run.sh BUILD-FOLDER}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
address=${GATEHOUSE_DEMO_ADDRESS:-127.0.0.1:8080}
home=$build/demo
mkdir -p "$home" && chmod 700 "$home"

"$here/build-database.sh" "$home/packages.db"
cat > "$home/gatehouse.yaml" <<YAML
http: { address: "$address" }
auth: { tokens: { store: "sqlite:$home/tokens.db" } }
admin: { enabled: true }
backend:
  plugin: sql
  settings: { databases: [ { name: packages, url: "sqlite:$home/packages.db" } ] }
audit: { file: "$home/audit.log" }
YAML
rm -f "$home/tokens.db" "$home/tokens.db-wal" "$home/tokens.db-shm" "$home/tokens.db.usage"*
token=$("$build/bin/gatehouse" token add --config "$home/gatehouse.yaml" --token-note Demo --token-expiry 1d | sed -n 's/^Token: //p')
page=$("$build/bin/gatehouse" admin link --config "$home/gatehouse.yaml")

cat <<TEXT

Token: $token

Try it:

  curl -s http://$address/mcp -H "Authorization: Bearer $token" -H "Content-Type: application/json" \\
    -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"query_database","arguments":{"query":"SELECT name, installed_kib FROM packages ORDER BY 2 DESC LIMIT 5"}}}'

The page of its tokens (the link signs you in once, within 10 minutes; another one: gatehouse admin link --config ...):

  $page

Or from an MCP client:

  Claude Code   claude mcp add --transport http --scope user packages http://$address/mcp --header "Authorization: Bearer $token"
  Cursor        ~/.cursor/mcp.json:
    {"mcpServers": {"packages": {"type": "http", "url": "http://$address/mcp", "headers": {"Authorization": "Bearer $token"}}}}
  VS Code       .vscode/mcp.json:
    {"servers": {"packages": {"type": "http", "url": "http://$address/mcp", "headers": {"Authorization": "Bearer $token"}}}}
  Others        docs/clients.md: Claude Desktop, Windsurf, Zed, Continue, Cline, Goose, Codex, Gemini CLI, LibreChat, opencode

Settings: $home/gatehouse.yaml    Audit: $home/audit.log    Ctrl-C ends the server.

TEXT
exec env -u GATEHOUSE_DEMO_ADDRESS "$build/bin/gatehouse" serve --config "$home/gatehouse.yaml"
