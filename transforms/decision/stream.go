package decision

import (
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// sweepEvery is how many findings pass between two searches for expired histories.
const sweepEvery = 4096

// Config is what a Stream needs. Nil functions give defaults: everyone's settings are the default ones, nobody is in the
// directory, the number of active users is unknown.
type Config struct {
	User User
	Mode string
	// EndsApps is as in Env.
	EndsApps bool
	Settings func(orgID string) *aerv1.Settings
	Person   func(orgID, userID string) *aerv1.Person
	// ActiveUsers says how many people an organisation ("" = all of them together) has at an event time, 0 if unknown: what
	// budgets are a share of. It must depend on nothing but its arguments, or a replay would decide otherwise.
	ActiveUsers func(orgID string, at time.Time) uint32
	// Global limits the resets of all organisations together; nil means settings.GlobalLimits.
	Global *aerv1.Limits
	// Now gives the wall clock for decided_at; nil leaves it out, as in replays.
	Now func() time.Time
	// Simulated is Env.Simulated.
	Simulated bool
}

// Stream is the whole decide stage in one goroutine and in memory: the driver of the local engine, and the reference for
// the pipeline's stages. Histories that have expired are dropped, so memory follows the users of the last two days.
type Stream struct {
	cfg     Config
	users   map[aerv1.Principal]*aerv1.UserHistory
	common  map[string]*shared
	budgets map[BudgetKey]*aerv1.BudgetState
	added   int
	clockMS int64
	// waitMS is when the first of what waits for company is due; 0 = nothing waits.
	waitMS int64
}

// NewStream returns a stream that knows nobody yet.
func NewStream(cfg Config) *Stream {
	if cfg.Settings == nil {
		cfg.Settings = settings.Default
	}
	if cfg.Person == nil {
		cfg.Person = func(string, string) *aerv1.Person { return nil }
	}
	if cfg.ActiveUsers == nil {
		cfg.ActiveUsers = func(string, time.Time) uint32 { return 0 }
	}
	if cfg.Global == nil {
		cfg.Global = settings.GlobalLimits()
	}
	return &Stream{
		cfg: cfg, users: map[aerv1.Principal]*aerv1.UserHistory{}, common: map[string]*shared{}, budgets: map[BudgetKey]*aerv1.BudgetState{},
	}
}

// Add decides about one finding. Findings come in the order of CompareAnomalies; one that comes late is decided by what
// is known by then. It returns what is to be emitted now: nothing for a finding that was folded or waits for company, and what
// waited until now for none. Ordered puts that in the order of the findings.
func (s *Stream) Add(a *aerv1.Anomaly) []Decided {
	now := knownAt(a)
	out := s.endWaiting(now.UnixMilli())
	org := a.GetOrgId()
	key := aerv1.PrincipalOf(a)
	h := s.users[key]
	if h == nil {
		h = &aerv1.UserHistory{}
		s.users[key] = h
	}
	set := s.cfg.Settings(org)
	env := Env{
		Settings: set, Person: s.cfg.Person(org, a.GetUserId()), Mode: s.cfg.Mode, EndsApps: s.cfg.EndsApps, Simulated: s.cfg.Simulated,
	}
	if s.cfg.Now != nil {
		env.DecidedAt = s.cfg.Now()
	}
	emitted, d := s.cfg.User.Apply(h, a, env)
	if d == nil {
		emitted, d = Witness(h, a)
	}
	if d != nil {
		out = append(out, s.askCommon(Decided{emitted, d})...)
	}
	for _, p := range out {
		if WantsReset(p.Decision) {
			s.askBudgets(p.Decision, set)
		}
	}
	s.sweep(now)
	return out
}

func (s *Stream) askBudgets(d *aerv1.Decision, set *aerv1.Settings) {
	now := d.Time.AsTime()
	OrgBudget.Apply(s.budget(OrgBudget.Key(d)), d, set.GetLimits(), s.cfg.ActiveUsers(d.OrgId, now), now)
	GlobalBudget.Apply(s.budget(GlobalBudget.Key(d)), d, s.cfg.Global, s.cfg.ActiveUsers("", now), now)
}

func (s *Stream) budget(key BudgetKey) *aerv1.BudgetState {
	st := s.budgets[key]
	if st == nil {
		st = &aerv1.BudgetState{}
		s.budgets[key] = st
	}
	return st
}

// sweep drops, now and then, what has expired. When it does so changes no decision.
func (s *Stream) sweep(now time.Time) {
	s.clockMS = max(s.clockMS, now.UnixMilli())
	if s.added++; s.added%sweepEvery != 0 {
		return
	}
	clock := time.UnixMilli(s.clockMS)
	for key, h := range s.users {
		if Expired(h, clock) {
			delete(s.users, key)
		}
	}
	s.sweepCommon(s.clockMS)
	for key, st := range s.budgets {
		if key.Gate == GateBudgetOrg && !clock.Before(BudgetExpiresAt(st, s.cfg.Settings(key.OrgID).GetLimits())) {
			delete(s.budgets, key)
		}
	}
}

// Users is how many principals the stream remembers.
func (s *Stream) Users() int { return len(s.users) }

// Replay sorts findings and decides about all of them: Stream for those who have them in a slice. The result is in the
// order of CompareAnomalies; the argument's order is not changed.
func Replay(findings []*aerv1.Anomaly, cfg Config) (emitted []*aerv1.Anomaly, decisions []*aerv1.Decision) {
	sorted := slices.Clone(findings)
	SortAnomalies(sorted)
	s := NewStream(cfg)
	var out []Decided
	for _, f := range sorted {
		out = append(out, s.Add(f)...)
	}
	out = append(out, s.Flush()...)
	slices.SortStableFunc(out, CompareDecided)
	for _, p := range out {
		emitted, decisions = append(emitted, p.Anomaly), append(decisions, p.Decision)
	}
	return emitted, decisions
}
