// SPDX-License-Identifier: Apache-2.0

package useragent

// osFamily is Client.OS.
func (a *agent) osFamily() string {
	switch a.product { // bundle names that tell by themselves
	case "com.slack":
		return OSAndroid
	case "com.tinyspeck.chatlyio":
		return OSiOS
	case "com.tinyspeck.slackmacgap":
		return OSMacOS
	}
	for _, o := range []struct{ token, os string }{
		{"windows phone", OSWindows}, // before android and iphone, which it also claims to be
		{"iphone", OSiOS}, {"ipad", OSiOS}, {"ipod", OSiOS},
		{"android", OSAndroid}, {"dalvik", OSAndroid},
		{"ipados", OSiOS}, {"ios/", OSiOS}, {"ios ", OSiOS}, {"ios;", OSiOS},
		{"windows", OSWindows}, {"win32", OSWindows}, {"win64", OSWindows},
		{"macintosh", OSMacOS}, {"mac os", OSMacOS}, {"macos", OSMacOS},
		{"cros ", OSChromeOS},
		{"linux", OSLinux}, {"x11", OSLinux}, {"ubuntu", OSLinux},
	} {
		if a.begins(o.token) {
			return o.os
		}
	}
	if a.has("darwin/") && (a.has("x86_64") || a.has("macbook") || a.has("imac")) {
		return OSMacOS
	}
	return ""
}

// device is Client.Device; it needs os.
func (a *agent) device() string {
	switch {
	case a.tv:
		return DeviceTV
	case a.has("ipad") || a.has("tablet") && !a.has("tablet pc"):
		return DeviceTablet
	case a.has("iphone"), a.has("ipod"), a.has("windows phone"):
		return DevicePhone
	case a.os == OSAndroid:
		// Chrome for Android leaves out "Mobile" on tablets; applications never say it.
		if a.mozilla && !a.has("mobile") {
			return DeviceTablet
		}
		return DevicePhone
	case a.os == OSiOS:
		return DevicePhone
	case a.os != "":
		return DeviceDesktop
	case a.mobile && !a.has("cfnetwork"): // CFNetwork is on Macs, too
		return DevicePhone
	}
	return ""
}
