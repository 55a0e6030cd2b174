// Package admin answers the rpcs by which operators see and steer a server. It
// shows what other packages know and asks them to act; it keeps nothing but a
// record of who asked: each change is one line of the audit log.
//
// Who may call, and who does, package internal/adminport knows.
package admin
