package aerv1

// Ids that travel side by side have types of their own, so that one is never taken for the other. Messages carry them as
// strings: convert where a message is read or written.
type (
	// OrgID names an organisation of the platform.
	OrgID string
	// UserID names a user within an organisation.
	UserID string
	// SessionID names a session of a user.
	SessionID string
	// AnomalyID and DecisionID are derived from content, see NewID.
	AnomalyID  string
	DecisionID string
)
