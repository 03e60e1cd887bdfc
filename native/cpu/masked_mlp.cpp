#include "masked_mlp.h"

#include <algorithm>
#include <cstring>

#include "conditioner.h"

namespace pushforward {
namespace {

// Units of a run of variables: as many as the kernels compute at once.
constexpr int kRunUnits = 12;

// Degrees of the units of every hidden layer.
std::vector<std::vector<int>> hidden_degrees(const FlowSpec& flow, const LayerSpec& spec,
                                             const std::string& where) {
  for (const std::vector<int>& degrees : spec.degrees) {
    require_hidden_width(int(degrees.size()), where);
    if (std::is_sorted(degrees.begin(), degrees.end()) && degrees.back() < flow.dim) continue;
    refuse(where,
           "degrees must ascend in every layer and be at most " + std::to_string(flow.dim - 1));
  }
  std::vector<std::vector<int>> layers = spec.degrees;
  if (spec.residual_blocks > 0) {
    if (layers.size() != 1)
      refuse(where, "degrees must hold one list where there are residualBlocks");
    layers.resize(1 + 2 * std::size_t(spec.residual_blocks), spec.degrees.front());
  }
  return layers;
}

}  // namespace

MaskedMlp::MaskedMlp(const FlowSpec& flow, const LayerSpec& spec, const std::string& where,
                     int outputs)
    : dim_(flow.dim),
      context_(takes_context(spec, flow.dim) ? flow.context_dim : 0),
      residual_(spec.residual_blocks > 0),
      activation_(activation_named(spec.activation, where)) {
  std::vector<std::vector<int>> degrees = hidden_degrees(flow, spec, where);
  int widest = 1;
  for (const std::vector<int>& layer : degrees) widest = std::max(widest, int(layer.size()));
  run_length_ = std::clamp(kRunUnits * dim_ / widest, 1, dim_);
  require_parameter_count(spec, where, 2 * (degrees.size() + 1));
  degrees.emplace_back();
  for (int k = 0; k < dim_; ++k) {
    degrees.back().insert(degrees.back().end(), std::size_t(outputs), k);
  }
  // Variable k is for degrees above k to read; the context is for all.
  std::vector<int> rows(std::size_t(context_), 0);
  for (int k = 0; k < dim_; ++k) rows.push_back(k + 1);
  for (std::vector<int>& columns : degrees) {
    layers_.emplace_back(spec, where, layers_.size(), dim_, rows, columns);
    prepared_at_.push_back(prepared_size_);
    prepared_size_ += layers_.back().prepared_size();
    rows = std::move(columns);
  }
}

std::size_t MaskedMlp::cotangent_at(std::size_t layer) const {
  std::size_t at = 0;
  for (std::size_t l = 0; l < layer; ++l) at += feature_at(columns(l));
  return at;
}

std::size_t MaskedMlp::hidden_at(std::size_t layer) const {
  return (has_stored_slope(activation_) ? 2 : 1) * cotangent_at(layer);
}

Range MaskedMlp::run_of(int k) const {
  const int first = k / run_length_ * run_length_;
  return {first, std::min(dim_, first + run_length_)};
}

void MaskedMlp::prepare(const float* parameters, float* prepared) const {
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    layers_[l].prepare(parameters, prepared + prepared_at_[l]);
  }
}

DenseTask MaskedMlp::run_task(std::size_t layer, const float* in, float* activations,
                              bool slopes) const {
  float* const values = activations + hidden_at(layer);
  DenseTask task{};
  task.in = input(layer, in, activations);
  task.out = values;
  if (adds_to_sum(layer)) {
    task.out = activations + hidden_at(last() - 1);
    task.activated = values;
    if (layer > 0) task.finish = DenseTask::Finish::kAdd;
  }
  // What the last layer of a residual network reads is h itself.
  const bool activates = layer < last() && !(residual_ && layer + 1 == last());
  if (activates) task.activation = activation_;
  if (activates && slopes && has_stored_slope(activation_)) {
    task.slopes = values + feature_at(columns(layer));
  }
  return task;
}

void MaskedMlp::run(const Tile& tile, const float* in, float* activations, bool slopes) const {
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    layers_[l].run(tile, prepared(tile, l), run_task(l, in, activations, slopes), {0, columns(l)},
                   {0, layers_[l].rows()});
  }
}

void MaskedMlp::run_variable(const Tile& tile, int k, const float* in, float* activations,
                             float* early, bool slopes) const {
  const Range run = run_of(k);
  const bool splits = run.count() > 1;
  for (std::size_t l = 0; splits && k == run.first && l < layers_.size(); ++l) {
    DenseTask task{};
    task.in = input(l, in, activations);
    task.out = early + cotangent_at(l);
    layers_[l].run(tile, prepared(tile, l), task, layers_[l].columns_of(run),
                   {0, known(l, run.first)});
  }
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    DenseTask task = run_task(l, in, activations, slopes);
    if (splits) task.start = early + cotangent_at(l);
    layers_[l].run(tile, prepared(tile, l), task, layers_[l].columns_of({k, k + 1}),
                   {splits ? known(l, run.first) : 0, layers_[l].rows()});
  }
}

// Cotangents of what layer - 1 says, of its columns `rows`, from those of this layer's columns
// `from` and, where they are, the sums in `early` over the others.
void MaskedMlp::pull_rows(const Tile& tile, std::size_t layer, const float* activations,
                          float* cotangents, const float* early, Range rows, Range from) const {
  const std::size_t first = feature_at(rows.first);
  const float* const values = activations + hidden_at(layer - 1) + first;
  DenseTask task{};
  task.in = cotangents + cotangent_at(layer);
  task.out = cotangents + cotangent_at(layer - 1) + first;
  if (early != nullptr) task.start = early + cotangent_at(layer - 1) + first;
  if (!(residual_ && layer == last())) {
    task.finish = DenseTask::Finish::kSlope;
    task.activation = activation_;
    task.value = values;
    task.slope = values + feature_at(columns(layer - 1));
    if (adds_to_sum(layer - 1)) {
      // What comes for h past a block is added to what comes through it.
      task.finish = DenseTask::Finish::kAddSlope;
      std::memcpy(task.out, cotangents + cotangent_at(layer + 1) + first,
                  feature_at(rows.count()) * sizeof(float));
    }
  }
  layers_[layer].pull(tile, prepared(tile, layer), task, rows, from);
}

void MaskedMlp::pull(const Tile& tile, const float* activations, float* cotangents) const {
  for (std::size_t l = last(); l > 0; --l) {
    pull_rows(tile, l, activations, cotangents, nullptr, {0, layers_[l].rows()}, {0, columns(l)});
  }
}

void MaskedMlp::pull_variable(const Tile& tile, int k, const float* cotangents, float* early,
                              float* out) const {
  const Range run = run_of(k);
  const MaskedLinear& first = layers_.front();
  float* const variables = early + cotangent_at(last());
  DenseTask task{};
  task.in = cotangents;
  if (k + 1 == run.end) {
    for (std::size_t l = last(); l > 0; --l) {
      DenseTask units{};
      units.in = cotangents + cotangent_at(l);
      const Range rows = layers_[l - 1].columns_of(run);
      units.out = early + cotangent_at(l - 1) + feature_at(rows.first);
      layers_[l].pull(tile, prepared(tile, l), units, rows,
                      {layers_[l].columns_below(run.end), columns(l)});
    }
    task.out = variables;
    first.pull(tile, prepared(tile, 0), task, {context_ + run.first, context_ + run.end},
               {first.columns_below(run.end), first.columns()});
  }
  task.start = variables + feature_at(k - run.first);
  task.out = out;
  first.pull(tile, prepared(tile, 0), task, {context_ + k, context_ + k + 1},
             {0, first.columns_below(run.end)});
}

void MaskedMlp::pull_units(const Tile& tile, int k, const float* activations, float* cotangents,
                           const float* early) const {
  const int end = run_of(k).end;
  for (std::size_t l = last(); l > 0; --l) {
    pull_rows(tile, l, activations, cotangents, early, layers_[l - 1].columns_of({k, k + 1}),
              {0, layers_[l].columns_below(end)});
  }
}

void MaskedMlp::pull_inputs(const Tile& tile, const float* cotangents, Range inputs, bool add,
                            float* out) const {
  const MaskedLinear& layer = layers_.front();
  DenseTask task{};
  if (add) task.finish = DenseTask::Finish::kAdd;
  task.in = cotangents;
  task.out = out;
  layer.pull(tile, prepared(tile, 0), task, inputs, {0, layer.columns()});
}

void MaskedMlp::add_gradient(const Tile& tile, const float* in, const float* activations,
                             const float* cotangents, float* gradient, bool fresh) const {
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    layers_[l].add_gradient(tile, input(l, in, activations), cotangents + cotangent_at(l), gradient,
                            fresh);
  }
}

void MaskedMlp::finish_gradient(float* gradient) const {
  for (const MaskedLinear& layer : layers_) layer.finish_gradient(gradient);
}

}  // namespace pushforward
