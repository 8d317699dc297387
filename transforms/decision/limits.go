// SPDX-License-Identifier: Apache-2.0

package decision

import "time"

// Times and caps of the decide stage. Those called start values have not been validated on real tenants.
const (
	// EpisodeIdle ends an episode: a finding that comes later starts a new one.
	EpisodeIdle = 24 * time.Hour
	// EscalateFactor is the growth in magnitude, since the finding emitted last, that is worth telling again. Doubling
	// bounds the emissions of one episode by the logarithm of its size.
	EscalateFactor = 2.0
	// ReopenSpacing is the least time between two emissions of one episode that neither escalate nor follow a new reset:
	// a session that persists speaks every 15 minutes at most, not every window. A start value.
	ReopenSpacing = 15 * time.Minute
	// SkewGrace allows for clocks: evidence up to this much younger than a reset may still be from before it. A start
	// value.
	SkewGrace = 2 * time.Minute
	// RevocationGrace is how long a session may go on after a reset before we say that the reset did not work: the
	// session store's own propagation and requests in flight. A start value.
	RevocationGrace = 5 * time.Minute
	// UsefulFor is how old, by the wall clock, evidence may be and still end sessions: later the reset would rather hit a
	// fresh login of the person than the session that gave cause. The steps of a response take it over. A start value.
	UsefulFor = 10 * time.Minute
	// Pause is how long nothing must be found about a user after a reset for what was answered to have ended. Twice the
	// grace: a session that only outlives a slow revocation is not taken for the owner's. A start value.
	Pause = 10 * time.Minute
	// ResetWindow is the window of the limits max_resets and MaxPersisting ("per user and day").
	ResetWindow = 24 * time.Hour
	// MaxPersisting is how many PERSISTING responses one user may get within ResetWindow. With the default max_resets of 2
	// there are never more than four resets a day, however long the sequence: ending sessions a fifth time does not keep
	// out someone who holds the password, only a person's password reset does. A start value.
	MaxPersisting = 2
	// Memory is how long resets, offenders and sessions are remembered: two days, so that a visitor who returns at the
	// same hour of the next day is still recognised.
	Memory = 48 * time.Hour
)

// Caps of the lists in a user's history; the oldest entry goes first. They bound a history to 16 KB whatever
// the input (a test holds them to it); 1 KB is usual.
const (
	maxEpisodes        = 32
	maxEpisodeSessions = 8
	maxEpisodeClients  = 8
	maxResets          = 32
	maxOffenders       = 8
	maxSessions        = 64
	maxCooldowns       = 16
	maxRecent          = 32
	maxSaid            = 128
	maxSuspicions      = 8
	// maxAnomalySessions is how many sessions of one anomaly are looked at; the rest is not remembered.
	maxAnomalySessions = 16
	// maxText is the longest text that is kept (device ids, fingerprints), maxQuote the longest that is quoted, in bytes.
	maxText  = 64
	maxQuote = 128
)
