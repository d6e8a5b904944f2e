package rules

import (
	"fmt"
	"strings"
)

// ClientMethod is a method of a client of the REST API, or an attribute of
// one of its classes.
type ClientMethod struct {
	// Operations are the ids of what it asks for; none for what asks for
	// nothing.
	Operations []string
	// Returns is the class of what it gives, or several; none for plain data.
	// List says that it gives a list of them.
	Returns []string
	List    bool
	// Parameters are the names of its operands, in order.
	Parameters []string
}

// clientRow is one row of table/clients.tsv.
type clientRow struct {
	client, class, name string
	method              ClientMethod
}

var clientRows = rows("clients", []string{"client", "class", "method", "ids", "returns", "parameters"}, func(r row) (clientRow, error) {
	returns, list := strings.CutSuffix(r.cell("returns"), "[]")
	out := clientRow{r.cell("client"), r.cell("class"), r.cell("method"), ClientMethod{Operations: r.list("ids"), List: list, Parameters: r.list("parameters")}}
	if returns != "" {
		out.method.Returns = strings.Split(returns, "|")
	}
	for _, id := range out.method.Operations {
		if _, ok := OperationByID(id); !ok {
			return clientRow{}, fmt.Errorf("%s.%s: no operation %s", out.class, out.name, id)
		}
	}
	return out, nil
})

// clientMethods are the rows by client, class and method.
var clientMethods = index(clientRows, func(r clientRow) string { return r.client + " " + r.class + "." + r.name })

// FindClientMethod returns a method of a class by its name: create_issue of
// Repository of the client "pygithub". None says that the call has no operands.
func FindClientMethod(client, class, name string, none bool) (ClientMethod, bool) {
	found := clientMethods()[client+" "+class+"."+name]
	if len(found) == 0 {
		found = clientMethods()[client+" *."+name]
	}
	for _, r := range found {
		if (r.method.Parameters == nil) == none {
			return r.method, true
		}
	}
	if len(found) == 0 {
		return ClientMethod{}, false
	}
	return found[0].method, true
}

// clientClasses are the rows by client and class.
var clientClasses = index(clientRows, func(r clientRow) string { return r.client + " " + r.class })

// HasClientClass tells whether a client has a class of a name.
func HasClientClass(client, class string) bool { return len(clientClasses()[client+" "+class]) > 0 }
