#include "coupling.h"

#include <algorithm>
#include <cstring>

#include "conditioner.h"

namespace pushforward {
namespace {

void require_partition(const FlowSpec& flow, const LayerSpec& spec, const std::string& where) {
  std::vector<bool> seen(std::size_t(flow.dim), false);
  std::size_t count = 0;
  for (const std::vector<int>* part : {&spec.identity, &spec.transformed}) {
    for (int feature : *part) {
      if (feature < 0 || feature >= flow.dim || seen[std::size_t(feature)]) {
        refuse(where, "identity and transformed must hold each of 0 to " +
                          std::to_string(flow.dim - 1) + " once; " + std::to_string(feature) +
                          " is out of range or there twice");
      }
      seen[std::size_t(feature)] = true;
      ++count;
    }
  }
  if (count != seen.size()) {
    refuse(where, "identity and transformed must together hold all " + std::to_string(flow.dim) +
                      " features, but hold " + std::to_string(count));
  }
}

bool holds(const std::vector<int>& features, int feature) {
  return std::find(features.begin(), features.end(), feature) != features.end();
}

// The identity features that are angles, or those that are not, in their order.
std::vector<int> identity_of(const LayerSpec& spec, bool angles) {
  std::vector<int> found;
  for (int feature : spec.identity) {
    if (holds(spec.circular, feature) == angles) found.push_back(feature);
  }
  return found;
}

int inputs_of(const LayerSpec& spec) {
  return int(spec.identity.size() + identity_of(spec, true).size());
}

bool reads_context(const LayerSpec& spec, const std::string& prefix) {
  return takes_context(spec, inputs_of(spec), Mlp::first_weight(prefix));
}

Mlp make_network(const FlowSpec& flow, const LayerSpec& spec, const std::string& where,
                 const ConditionerNetwork& network) {
  const int context = reads_context(spec, network.prefix) ? flow.context_dim : 0;
  std::vector<int> widths{inputs_of(spec) + context};
  for (int width : spec.hidden) {
    require_hidden_width(width, where);
    widths.push_back(width);
  }
  if (spec.residual_blocks > 0) {
    widths.insert(widths.end(), 2 * std::size_t(spec.residual_blocks), spec.hidden.front());
  }
  widths.push_back(network.outputs);
  return Mlp(spec, where, network.prefix, widths, activation_named(spec.activation, where),
             spec.residual_blocks > 0);
}

}  // namespace

Coupling::Coupling(const FlowSpec& flow, const LayerSpec& spec, const std::string& where,
                   const std::vector<ConditionerNetwork>& networks)
    : dim_(flow.dim),
      takes_context_(reads_context(spec, networks.front().prefix)),
      straight_(identity_of(spec, false)),
      angles_(identity_of(spec, true)),
      transformed_(spec.transformed),
      bound_(float(spec.bound)) {
  require_partition(flow, spec, where);
  if (spec.residual_blocks > 0) require_one_width(spec, where);
  const std::size_t layers = spec.hidden.size() + 2 * std::size_t(spec.residual_blocks) + 1;
  require_parameter_count(spec, where, networks.size() * 2 * layers);
  for (const ConditionerNetwork& network : networks) {
    Part part{make_network(flow, spec, where, network), prepared_size_, activations_size_,
              sums_size_, raw_size_};
    prepared_size_ += part.mlp.prepared_size();
    activations_size_ += part.mlp.activations_size();
    sums_size_ += part.mlp.sums_size();
    raw_size_ += feature_at(part.mlp.outputs());
    network_scratch_ = std::max(network_scratch_, part.mlp.scratch_size());
    parts_.push_back(std::move(part));
  }
}

double Coupling::prepare(const float* parameters, float* prepared) const {
  for (const Part& part : parts_) part.mlp.prepare(parameters, prepared + part.prepared);
  return 0.0;
}

void Coupling::prepare_raw(const Tile&, float*) const {}

void Coupling::forward(const Tile& tile, const float* x, float* y, float* log_det,
                       float* saved) const {
  const float* const in = gather(tile, x);
  const float* const raw = run(tile, in, saved == nullptr ? tile.scratch : saved, saved != nullptr);
  copy_identity(tile, x, y);
  map_forward(tile, x, raw, y, log_det);
}

void Coupling::inverse(const Tile& tile, const float* y, float* x, float* log_det) const {
  const float* const raw = run(tile, gather(tile, y), tile.scratch, false);
  copy_identity(tile, y, x);
  map_inverse(tile, y, raw, x, log_det);
}

void Coupling::backward(const Tile& tile, const BackwardTask& task) const {
  float* scratch = tile.scratch;
  const float* const in = gather(tile, task.x);
  const float* activations = task.saved;
  if (activations == nullptr) {
    run(tile, in, scratch, true);
    activations = scratch;
    scratch += saved_size();
  }
  const float* const raw = activations + activations_size_;
  float* const graw = scratch;
  float* const gin = graw + raw_size_;
  map_backward(tile, task, raw, graw);
  for (const Part& part : parts_) {
    Mlp::Backward back{};
    back.prepared = tile.prepared + part.prepared;
    back.in = in;
    back.activations = activations + part.activations;
    back.gout = graw + part.raw;
    back.gin = gin;
    back.adds = &part != &parts_.front();
    back.own = inputs();
    back.gin_added = takes_context_ ? task.gcontext : nullptr;
    back.scratch = gin + feature_at(inputs());
    back.gradient = task.gradient;
    back.sums = task.sums + part.sums;
    back.fresh = task.fresh;
    part.mlp.backward(tile, back);
  }
  copy_identity(tile, task.gy, task.gx);
  int k = 0;
  for (int feature : straight_) {
    tile.row_kernels->add(gin + feature_at(k++), task.gx + feature_at(feature), tile.rows);
  }
  for (int feature : angles_) {
    const std::size_t cosine = feature_at(k), sine = feature_at(k + int(angles_.size()));
    tile.circles->add_gradient({in + cosine, in + sine, gin + cosine, gin + sine}, bound_,
                               tile.rows, task.gx + feature_at(feature));
    ++k;
  }
}

void Coupling::finish_gradient(const float*, const float* sums, float* gradient) const {
  for (const Part& part : parts_) part.mlp.finish_gradient(sums + part.sums, gradient);
}

// The conditioner's input: the identity features and, of angles, first the cosines and then the
// sines, put just before the context.
const float* Coupling::gather(const Tile& tile, const float* x) const {
  float* const in = tile.context_frame + feature_at(2 * dim_ - inputs());
  int k = 0;
  for (int feature : straight_) {
    std::memcpy(in + feature_at(k++), x + feature_at(feature),
                std::size_t(tile.rows) * sizeof(float));
  }
  for (int feature : angles_) {
    tile.circles->cosine_and_sine(x + feature_at(feature), bound_, tile.rows, in + feature_at(k),
                                  in + feature_at(k + int(angles_.size())));
    ++k;
  }
  return in;
}

void Coupling::copy_identity(const Tile& tile, const float* from, float* to) const {
  for (const std::vector<int>* features : {&straight_, &angles_}) {
    for (int feature : *features) {
      std::memcpy(to + feature_at(feature), from + feature_at(feature),
                  std::size_t(tile.rows) * sizeof(float));
    }
  }
}

const float* Coupling::run(const Tile& tile, const float* in, float* activations,
                           bool slopes) const {
  float* const raw = activations + activations_size_;
  for (const Part& part : parts_) {
    part.mlp.run(tile, tile.prepared + part.prepared, in, activations + part.activations,
                 raw + part.raw, slopes);
  }
  prepare_raw(tile, raw);
  return raw;
}

}  // namespace pushforward
