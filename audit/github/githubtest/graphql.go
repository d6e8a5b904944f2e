package githubtest

func (s *Server) graphql(*call) answer { return notFound() }

func mutates(string) bool { return false }
