// Command probe is what the cluster's tests run in a pod: it tells what a pod sees of its surroundings.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Println(strings.Join(os.Args[1:], " "))
		return
	}
	fmt.Println("probe started")
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		fmt.Println("probe stopped")
		os.Exit(0)
	}()
	client := http.Client{
		Timeout:   3 * time.Second,
		Transport: &http.Transport{DisableKeepAlives: true},
	}
	http.HandleFunc("/name", func(answer http.ResponseWriter, _ *http.Request) {
		name, err := os.Hostname()
		reply(answer, name, err)
	})
	http.HandleFunc("/file", func(answer http.ResponseWriter, request *http.Request) {
		content, err := os.ReadFile(request.FormValue("path"))
		reply(answer, string(content), err)
	})
	http.HandleFunc("/resolve", func(answer http.ResponseWriter, request *http.Request) {
		addresses, err := net.LookupHost(request.FormValue("name"))
		reply(answer, strings.Join(addresses, " "), err)
	})
	http.HandleFunc("/fetch", func(answer http.ResponseWriter, request *http.Request) {
		response, err := client.Get(request.FormValue("url"))
		if err != nil {
			reply(answer, "", err)
			return
		}
		defer response.Body.Close()
		content, err := io.ReadAll(response.Body)
		reply(answer, string(content), err)
	})
	if err := http.ListenAndServe(":8080", nil); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func reply(answer http.ResponseWriter, text string, err error) {
	if err != nil {
		http.Error(answer, err.Error(), http.StatusBadGateway)
		return
	}
	fmt.Fprint(answer, text)
}
