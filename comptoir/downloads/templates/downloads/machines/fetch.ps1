{% autoescape off %}# Fetches these files into the directory "packages" and checks each by its SHA-256. Run it again for what is new.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$target = if ($env:PACKAGES) { $env:PACKAGES } else { 'packages' }
$failed = 0

function Get-Package-File([string] $Path, [string] $Digest, [string] $Address) {
  $file = Join-Path $target $Path
  $part = "$file.part"
  if ((Test-Path $file) -and ((Get-FileHash -Algorithm SHA256 $file).Hash -eq $Digest)) { "here     $Path"; return }
  New-Item -ItemType Directory -Force -Path (Split-Path $file) | Out-Null
  $more = @{}
  if ($PSVersionTable.PSVersion -ge [version] '6.1' -and (Test-Path $part)) { $more['Resume'] = $true }
  try { Invoke-WebRequest -UseBasicParsing -Uri $Address -OutFile $part @more }
  catch { Write-Warning "FAILED   $Path $_"; $script:failed = 1; return }
  if ((Get-FileHash -Algorithm SHA256 $part).Hash -eq $Digest) { Move-Item -Force $part $file; "fetched  $Path" }
  else { Remove-Item $part; Write-Warning "DAMAGED  $Path"; $script:failed = 1 }
}

{% for path, file, url in lines %}Get-Package-File '{{ path }}' '{{ file.sha256 }}' '{{ url }}'
{% endfor %}if ($failed) { throw 'Some files could not be fetched.' }
{% endautoescape %}
