package command

import (
	"context"

	"github.com/spf13/pflag"
)

// acting says what to do beside reporting.
type acting struct{}

func (a *acting) flags(*pflag.FlagSet)    {}
func (a *acting) check(*orgOptions) error { return nil }
func (a *acting) wanted() bool            { return false }

func (r *orgRun) act(context.Context, *organizationWriter) error { return nil }
