// SPDX-License-Identifier: Apache-2.0

// Package shape says which differences between two sightings in one session still leave them one client.
//
// One client has many shapes. Each rule below asks that nothing given contradicts it: two device ids that differ, or
// two systems that no rule joins, make two clients whatever else looks alike. What is not given contradicts nothing.
//
//	rule             joins                                                          source
//	TLS variants     JA4s of one cipher hash that differ in transport, ALPN and     FoxIO JA4 specification: part a holds transport, version, SNI, counts and ALPN,
//	                 up to three extensions                                         b the ciphers, c the extensions; RFC 8446 4.2.10, 4.2.11 (early_data and
//	                                                                                pre_shared_key only on resumption), RFC 7685 (padding), RFC 7301 (ALPN)
//	other transport  JA4s over TCP and over QUIC are not compared                   RFC 9001 4.2: QUIC admits TLS 1.3 only, hence other ciphers and another hash
//	JA3              never proves a change: its hash covers the extensions          Salesforce JA3; RFC 8446 4.2.11
//	desktop mode     a browser of iOS and itself as Macintosh; a browser of         WWDC 2019 session 203 (desktop-class browsing on iPad); Chrome and Firefox
//	                 Android and itself as X11 Linux                                for Android, "Desktop site"
//	web view         an application and the engine it shows pages with              Android "WebView for Android: user agent" (wv); WKWebView, UIWebView (no Safari token);
//	                                                                                WebView2 and Apple's applicationNameForUserAgent (the application's name and version)
//	system stack     an application and the HTTP stack that speaks for it           Apple URL Loading System (CFNetwork, Darwin); OkHttp, HttpURLConnection (Dalvik), Cronet, dart:io, Ktor
//	player           an application or browser and the system's media player        AVFoundation (AppleCoreMedia), Stagefright, ExoPlayer, Android DownloadManager; beside a desktop mode, too
//	extension        an application and its extensions                              Apple App Extension Programming Guide: bundle ids begin with the application's
//	embedded         an Electron application and its own Chromium, same build       Electron, session.setUserAgent
//
// A phone's application that opens the system's browser (ASWebAuthenticationSession, Custom Tabs) is one client with it
// only on one known device, or by one TLS stack where an iPhone's application gives its web view Safari's name. A
// library in a desktop browser's session is joined by no rule.
package shape
