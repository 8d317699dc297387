// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// cooldownOf finds the cooldown of an anomaly type: the one for the user's own client and network, or the other one.
// They are kept apart so that a user's own looping script gives no cover to an intruder.
func cooldownOf(h *aerv1.UserHistory, anomalyType string, own bool) *aerv1.Cooldown {
	for _, c := range h.GetCooldowns() {
		if c.Own == own && c.Type == keep(anomalyType) {
			return c
		}
	}
	return nil
}

// startCooldown starts a cooldown or prolongs it: it ends when its cause has been quiet for length.
func startCooldown(h *aerv1.UserHistory, anomalyType string, own bool, length time.Duration) {
	if cooldownOf(h, anomalyType, own) == nil {
		h.Cooldowns = append(h.Cooldowns, &aerv1.Cooldown{Type: keep(anomalyType), Own: own, SinceMs: h.ClockMs})
		h.Cooldowns = h.Cooldowns[max(0, len(h.Cooldowns)-maxCooldowns):]
	}
	prolongCooldown(h, anomalyType, own, length)
}

// prolongCooldown moves the end of a cooldown that is running. Folded findings do it too: the cause goes on.
func prolongCooldown(h *aerv1.UserHistory, anomalyType string, own bool, length time.Duration) {
	if c := cooldownOf(h, anomalyType, own); c != nil {
		c.UntilMs = max(c.UntilMs, h.ClockMs+length.Milliseconds())
	}
}
