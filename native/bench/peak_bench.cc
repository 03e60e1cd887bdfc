// The multiply-add peak on request: `peak_bench THREADS` answers every line of its input with one
// line of JSON, the operations a second of that moment, until the input ends. `npm run bench` runs
// it beside the flows, in the same rounds.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "fma_peak.h"

int main(int count, char** arguments) {
  const int threads = count == 2 ? std::atoi(arguments[1]) : 0;
  if (threads < 1 || threads > pushforward::kMaxThreads) {
    std::fprintf(stderr, "peak_bench: give the number of threads, from 1 to %d\n",
                 pushforward::kMaxThreads);
    return 2;
  }
  pushforward::set_thread_count(threads);
  std::string line;
  while (std::getline(std::cin, line)) {
    // The best of a few: other work on the machine only ever takes away.
    double peak = 0.0;
    for (int i = 0; i < 5; ++i) {
      peak = std::max(peak, pushforward::bench::measure_peak(threads));
    }
    std::printf("{\"operationsPerSecond\": %.6g}\n", peak);
    std::fflush(stdout);
  }
  return 0;
}
