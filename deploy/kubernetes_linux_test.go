package deploy_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
)

// A manifest is what the test wants of a document of any kind.
type manifest struct {
	Kind     string
	Metadata struct{ Name string }
	Data     map[string]string
	Spec     struct {
		Template struct {
			Spec pod
		}
	}
}

type pod struct {
	TerminationGracePeriodSeconds int64 `yaml:"terminationGracePeriodSeconds"`
	SecurityContext               struct {
		RunAsUser int `yaml:"runAsUser"`
	} `yaml:"securityContext"`
	Containers []struct {
		Args           []string
		Env            []struct{ Name, Value string }
		StartupProbe   probe `yaml:"startupProbe"`
		ReadinessProbe probe `yaml:"readinessProbe"`
		LivenessProbe  probe `yaml:"livenessProbe"`
		Lifecycle      struct {
			PreStop struct {
				Sleep struct{ Seconds int64 }
			} `yaml:"preStop"`
		}
	}
}

type probe struct {
	HTTPGet struct{ Path, Port string } `yaml:"httpGet"`
}

func readManifests(t *testing.T) map[string]*manifest {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("kubernetes", "task-scheduler.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	manifests := map[string]*manifest{}
	for documents := yaml.NewDecoder(bytes.NewReader(text)); ; {
		m := new(manifest)
		if err := documents.Decode(m); errors.Is(err, io.EOF) {
			return manifests
		} else if err != nil {
			t.Fatal(err)
		}
		manifests[m.Kind+" "+m.Metadata.Name] = m
	}
}

// TestKubernetes runs the pod as far as that can be had without a kubelet: the
// image's container with the manifest's arguments, variables, user and volumes. It
// asks what the probes ask, and swaps a plugin as the kubelet does.
func TestKubernetes(t *testing.T) {
	t.Parallel()
	manifests := readManifests(t)
	pod := manifests["Deployment task-scheduler"].Spec.Template.Spec
	container, settings := pod.Containers[0], manifests["ConfigMap task-scheduler"].Data
	drain, err := time.ParseDuration(regexp.MustCompile(`drain-timeout = "(\w+)"`).FindStringSubmatch(settings["task-scheduler.toml"])[1])
	if err != nil {
		t.Fatal(err)
	}
	const hangUp = 15 // seconds, as the server tells systemd
	if least := container.Lifecycle.PreStop.Sleep.Seconds + int64(drain.Seconds()) + hangUp; pod.TerminationGracePeriodSeconds < least {
		t.Errorf("a pod is killed after %d s, stopping may take %d s", pod.TerminationGracePeriodSeconds, least)
	}

	root := t.TempDir()
	program := buildServer(t)
	addLibraries(t, root, program)
	const installed = "/usr/local/bin/task-scheduler"
	if err := copyFile(program, root+installed, 0o755); err != nil {
		t.Fatal(err)
	}
	makeMountPoints(t, root, "tmp")
	swapVolume(t, filepath.Join(root, "etc", "task-scheduler"), settings)
	swapVolume(t, filepath.Join(root, "libraries"), map[string]string{"libversion.so": readFile(t, plugintest.Version(t, 1))})
	env := []string{"TASK_SCHEDULER_ADDR=127.0.0.1:0", "TASK_SCHEDULER_PROBE_ADDR=127.0.0.1:0", "TASK_SCHEDULER_ADMIN_ADDR=127.0.0.1:0"}
	for _, variable := range container.Env {
		env = append(env, variable.Name+"="+variable.Value)
	}
	user := fmt.Sprint(pod.SecurityContext.RunAsUser)
	server := startServer(t, inContainer(t, root, user, env, append([]string{installed}, container.Args...)...))
	server.call(t, "13", "add") // from now on it is ready
	probes := server.await(t, `probe port listens addr=(\S+)`)
	for _, probe := range []probe{container.StartupProbe, container.ReadinessProbe, container.LivenessProbe} {
		if probe.HTTPGet.Port != "probes" {
			t.Errorf("port %s is asked", probe.HTTPGet.Port)
		}
		response, err := http.Get("http://" + probes + probe.HTTPGet.Path)
		if err != nil {
			t.Fatal(err)
		}
		if response.Body.Close(); response.StatusCode != http.StatusOK {
			t.Errorf("%s answers %s", probe.HTTPGet.Path, response.Status)
		}
	}
	for name, probe := range map[string]probe{"startup": container.StartupProbe, "liveness": container.LivenessProbe} {
		if probe.HTTPGet.Path != "/healthz" { // the others answer no while a node waits for others
			t.Errorf("a node is killed while the %s probe's %s tells that it isn't ready", name, probe.HTTPGet.Path)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	server.call(t, "1", "version::version")
	swapVolume(t, filepath.Join(root, "libraries"), map[string]string{"libversion.so": readFile(t, plugintest.Version(t, 2))})
	server.await(t, `(plugin reloaded) plugin=version`)
	server.call(t, "2", "version::version")
	server.stop(t)
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// swapVolume puts files into a volume, or others in place of them, as the kubelet
// does: files are links through the link ..data, which is exchanged.
func swapVolume(t *testing.T, volume string, files map[string]string) {
	t.Helper()
	if err := os.MkdirAll(volume, 0o777); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(volume, "..data")
	previous, _ := os.Readlink(link) // none at first
	data := filepath.Join(volume, "..after"+previous)
	errs := []error{os.Chmod(volume, 0o777), os.Mkdir(data, 0o755)}
	for name, content := range files {
		errs = append(errs, os.WriteFile(filepath.Join(data, name), []byte(content), 0o644))
		if previous == "" {
			errs = append(errs, os.Symlink(filepath.Join("..data", name), filepath.Join(volume, name)))
		}
	}
	errs = append(errs, os.Symlink(filepath.Base(data), link+"_tmp"), os.Rename(link+"_tmp", link))
	if previous != "" {
		errs = append(errs, os.RemoveAll(filepath.Join(volume, previous)))
	}
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}
