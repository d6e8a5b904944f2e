package settings

import (
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadGradle(t *testing.T) {
	const github = "https://maven.pkg.github.com/acme/widgets"
	tests := []struct {
		name, source string
		want         Gradle
	}{
		{"kotlin", `plugins { ` + "`maven-publish`" + ` }
publishing {
    repositories {
        maven {
            name = "GitHubPackages" // "TOKEN"
            url = uri("` + github + `")
            credentials {
                username = System.getenv("GITHUB_ACTOR")
                password = System.getenv("TOKEN")
            }
        }
    }
}`, Gradle{Registries: []PackageRegistry{{ID: "GitHubPackages", URL: github, Publishing: true, Variables: []string{"TOKEN"}, File: "build.gradle"}}}},
		{"address in front", `repositories { maven("` + github + `") { credentials { password = providers.environmentVariable("TOKEN").get() } } }`,
			Gradle{Registries: []PackageRegistry{{URL: github, Variables: []string{"TOKEN"}, File: "build.gradle"}}}},
		{"properties of its name", `publishing { repositories { maven { name = "Own"
url = "` + github + `"
credentials(PasswordCredentials) } } }`,
			Gradle{Registries: []PackageRegistry{{ID: "Own", URL: github, Publishing: true, Variables: []string{"ORG_GRADLE_PROJECT_OwnPassword"}, File: "build.gradle"}}}},
		{"template", `repositories { maven { url = uri("https://maven.pkg.github.com/${System.getenv("GITHUB_REPOSITORY")}"); credentials { password = "${System.getenv("TOKEN")}" } } }`,
			Gradle{Registries: []PackageRegistry{{URL: `https://maven.pkg.github.com/${System.getenv("GITHUB_REPOSITORY")}`, Variables: []string{"TOKEN"}, File: "build.gradle"}}}},
		{"template elsewhere", `println("x ${System.getenv("TOKEN")}")`, Gradle{Elsewhere: []string{"TOKEN"}}},
		{"elsewhere", `val t = System.getenv("TOKEN")`, Gradle{Elsewhere: []string{"TOKEN"}}},
		{"address elsewhere", `repositories { maven { url = ours
credentials { password = System.getenv("TOKEN") } } }`, Gradle{Elsewhere: []string{"TOKEN"}}},
		{"other block of it", `repositories { maven { url = "` + github + `"
println(System.getenv("TOKEN")) } }`, Gradle{Registries: []PackageRegistry{{URL: github, File: "build.gradle"}}, Elsewhere: []string{"TOKEN"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ReadGradle(".", []string{"TOKEN", "ORG_GRADLE_PROJECT_OwnPassword"}, func(folder string) []string {
				if folder == "." {
					return []string{"build.gradle"}
				}
				return nil
			}, func(name string) ([]byte, error) {
				if name != "build.gradle" {
					return nil, fs.ErrNotExist
				}
				return []byte(test.source), nil
			})
			for i := range got.Registries {
				if got.Registries[i].ID == "TOKEN" {
					got.Registries[i].ID = ""
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadMaven(t *testing.T) {
	got, err := ReadMaven("pom.xml", []byte(`<project><repositories><repository><id>a</id><url>https://a.example/</url></repository></repositories>
<distributionManagement><repository><id> github </id><url>https://maven.pkg.github.com/acme/widgets</url></repository></distributionManagement>
<scm><repository><id>x</id></repository></scm><servers><server><id>github</id><password>${env.TOKEN}</password></server><server><id>b</id><password>plain</password></server></servers></project>`))
	want := Maven{
		Registries: []PackageRegistry{
			{ID: "a", URL: "https://a.example/", File: "pom.xml"},
			{ID: "github", URL: "https://maven.pkg.github.com/acme/widgets", Publishing: true, File: "pom.xml"},
		},
		Servers: map[string]string{"github": "TOKEN"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s\n%v", diff, err)
	}
	if _, err := ReadMaven("pom.xml", []byte("<project><x>")); err == nil {
		t.Error("half a file is read without complaint")
	}
}

func FuzzReadGradle(f *testing.F) {
	f.Add("publishing { repositories { maven { url = uri(\"https://a/b\"); credentials { password = System.getenv(\"TOKEN\") } } } }")
	f.Add("} } { maven('x') { '''a\\''' /* { */ // }\n include ':a', \"b:c\"")
	f.Fuzz(func(t *testing.T, source string) {
		ReadGradle(".", []string{"TOKEN"}, func(string) []string { return []string{"a.gradle"} }, func(string) ([]byte, error) { return []byte(source), nil })
		if _, err := ReadMaven("pom.xml", []byte(source)); err == nil && len(source) > maxSize {
			t.Error("too long")
		}
	})
}
