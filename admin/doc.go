// Package admin answers the rpcs by which operators see and steer a server. It
// shows what other packages know and asks them to act; it stores nothing itself.
// Each change is one line of the audit log, with the operator who asked for it.
//
// Package internal/adminport decides who may call, and tells who does.
package admin
