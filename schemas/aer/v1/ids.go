// SPDX-License-Identifier: Apache-2.0

package aerv1

// OrgID names an organisation of the platform. Ids that travel side by side have types of their own, so that one is
// never taken for the other; messages carry them as strings: convert where a message is read or written.
type OrgID string

// UserID names a user within an organisation.
type UserID string

// SessionID names a session of a user.
type SessionID string

// AnomalyID is derived from what an anomaly is about, see NewID.
type AnomalyID string

// DecisionID is derived from the anomaly that a decision is about, see NewID.
type DecisionID string
